// node:path: paths of POSIX and of Windows; the module is those of the system.
(function (native, require) {
  'use strict'
  const text = (value, name) => {
    if (typeof value !== 'string') {
      const error = new TypeError(`path: ${name} must be a string, got ${value === null ? 'null' : typeof value}`)
      throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
    }
    return value
  }

  // The segments of a path with . and .. taken out; .. stays at the beginning
  // of a path that may climb.
  function reduce(path, climbs) {
    const kept = []
    for (const segment of path.split('/')) {
      if (segment === '' || segment === '.') continue
      if (segment !== '..') kept.push(segment)
      else if (kept.length > 0 && kept[kept.length - 1] !== '..') kept.pop()
      else if (climbs) kept.push('..')
    }
    return kept.join('/')
  }

  function normalize(path) {
    text(path, 'path')
    if (path === '') return '.'
    const absolute = path[0] === '/'
    let reduced = reduce(path, !absolute)
    if (path.endsWith('/') && reduced !== '') reduced += '/'
    if (absolute) return '/' + reduced
    return reduced === '' ? (path.endsWith('/') ? './' : '.') : reduced
  }

  function join(...parts) {
    const joined = parts.filter((part, i) => text(part, `argument ${i + 1}`) !== '').join('/')
    return joined === '' ? '.' : normalize(joined)
  }

  function resolve(...parts) {
    let path = ''
    for (let i = parts.length - 1; i >= 0 && path[0] !== '/'; i--) {
      if (text(parts[i], `argument ${i + 1}`) !== '') path = parts[i] + (path === '' ? '' : '/' + path)
    }
    if (path[0] !== '/') path = require('node:process').cwd() + '/' + path
    return '/' + reduce(path, false)
  }

  function relative(from, to) {
    const start = resolve(text(from, 'from')).split('/').filter(Boolean)
    const end = resolve(text(to, 'to')).split('/').filter(Boolean)
    let same = 0
    while (same < start.length && same < end.length && start[same] === end[same]) same++
    return [...start.slice(same).map(() => '..'), ...end.slice(same)].join('/')
  }

  // A path without slashes at its end.
  const trimmed = (path) => path.replace(/\/+$/, '')

  function dirname(path) {
    text(path, 'path')
    if (path === '') return '.'
    const whole = trimmed(path)
    if (whole === '') return '/'
    const at = whole.lastIndexOf('/')
    if (at < 0) return '.'
    if (at <= 1 && whole[0] === '/') return '/'.repeat(at + 1)
    return whole.slice(0, at)
  }

  function basename(path, suffix) {
    const whole = trimmed(text(path, 'path'))
    const name = whole.slice(whole.lastIndexOf('/') + 1)
    if (suffix === undefined) return name
    text(suffix, 'suffix')
    return suffix !== name && name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : name
  }

  function extname(path) {
    const name = basename(path)
    const at = name.lastIndexOf('.')
    return at <= 0 || /^\.+$/.test(name) && name.length <= 2 ? '' : name.slice(at)
  }

  function parse(path) {
    text(path, 'path')
    const root = path[0] === '/' ? '/' : ''
    const base = basename(path)
    const ext = extname(path)
    const whole = trimmed(path)
    const at = whole.lastIndexOf('/')
    const dir = at < 0 ? '' : at === 0 ? '/' : whole.slice(0, at)
    return { root, dir: dir === '' && root !== '' ? root : dir, base, ext, name: base.slice(0, base.length - ext.length) }
  }

  function put(parts, separator) {
    if (parts === null || typeof parts !== 'object') throw new TypeError('path.format: the argument must be an object')
    const dir = parts.dir || parts.root || ''
    const ext = parts.ext ? (parts.ext[0] === '.' ? parts.ext : '.' + parts.ext) : ''
    const base = parts.base || (parts.name || '') + ext
    if (dir === '') return base
    return dir === parts.root ? dir + base : dir + separator + base
  }

  const format = (parts) => put(parts, '/')

  const posix = {
    normalize, join, resolve, relative, dirname, basename, extname, parse, format,
    isAbsolute: (path) => text(path, 'path')[0] === '/',
    toNamespacedPath: (path) => path,
    sep: '/', delimiter: ':',
  }

  const win32 = (() => {
    const separator = (c) => c === '\\' || c === '/'
    const drive = (path) => /^[A-Za-z]:/.test(path)

    // A path as its device ("C:" or "\\server\share"), whether a separator follows
    // it, and the length of both with that separator.
    function split(path) {
      const share = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)([\\/]?)/.exec(path)
      if (share) return { device: `\\\\${share[1]}\\${share[2]}`, rooted: true, length: share[0].length, share: true, bare: share[3] === '' }
      if (drive(path)) return { device: path.slice(0, 2), rooted: separator(path[2]), length: separator(path[2]) ? 3 : 2 }
      return { device: '', rooted: separator(path[0]), length: separator(path[0]) ? 1 : 0 }
    }

    const reduced = (path, climbs) => reduce(path.replaceAll('\\', '/'), climbs).replaceAll('/', '\\')

    function normalize(path) {
      text(path, 'path')
      if (path === '') return '.'
      const named = /^[\\/]{2}[.?][\\/]/.test(path) // by a device, which is no share
      const { device, rooted, length } = named ? { device: '\\\\' + path[2], rooted: true, length: 4 } : split(path)
      let tail = reduced(path.slice(length), !rooted)
      if (tail === '' && !rooted) tail = '.'
      if (tail !== '' && path.length > length && separator(path[path.length - 1])) tail += '\\'
      // What was no drive must not become one, nor a stream of a file.
      if (!rooted && device === '' && (drive(tail) || /:([\\/]|$)/.test(path))) return '.\\' + tail
      return device + (rooted ? '\\' : '') + tail
    }

    function join(...parts) {
      const given = parts.filter((part, i) => text(part, `argument ${i + 1}`) !== '')
      if (given.length === 0) return '.'
      let joined = given.join('\\')
      // Only a first part that begins a share of its own makes the whole one.
      if (!/^[\\/]{2}[^\\/]/.test(given[0])) joined = joined.replace(/^[\\/]{2,}/, '\\')
      return normalize(joined)
    }

    // The working folder, or that of a drive if it is another.
    function working(device) {
      const folder = require('node:process').cwd()
      if (device === '' || folder[2] !== '\\' || folder.slice(0, 2).toLowerCase() === device.toLowerCase()) return folder
      return device + '\\'
    }

    function resolve(...parts) {
      let device = ''
      let tail = ''
      let rooted = false
      for (let i = parts.length - 1; i >= -1 && !(rooted && device !== ''); i--) {
        const path = i < 0 ? working(device) : text(parts[i], `argument ${i + 1}`)
        if (path === '') continue
        const root = split(path)
        if (root.device !== '' && device !== '' && root.device.toLowerCase() !== device.toLowerCase()) continue
        if (device === '') device = root.device
        if (rooted) continue
        tail = path.slice(root.length) + '\\' + tail
        rooted = root.rooted
      }
      return device + (rooted ? '\\' : '') + reduced(tail, !rooted) || '.'
    }

    function relative(from, to) {
      const end = resolve(text(to, 'to'))
      const there = end.split('\\').filter(Boolean)
      const here = resolve(text(from, 'from')).split('\\').filter(Boolean)
      let same = 0
      while (same < here.length && same < there.length && here[same].toLowerCase() === there[same].toLowerCase()) same++
      if (same === 0 && here.length > 0) return end
      return [...here.slice(same).map(() => '..'), ...there.slice(same)].join('\\')
    }

    // A path without its root, and without separators at its end.
    const below = (path, root) => path.slice(root).replace(/[\\/]+$/, '')
    const last = (path) => Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'))

    function dirname(path) {
      text(path, 'path')
      const root = split(path)
      if (root.share && root.bare) return path
      const rest = below(path, root.length)
      const at = last(rest)
      if (at > 0 || at === 0 && root.length === 0) return path.slice(0, root.length + at)
      return root.length === 0 ? '.' : path.slice(0, root.length)
    }

    function basename(path, suffix) {
      const whole = below(text(path, 'path'), drive(path) ? 2 : 0)
      const name = whole.slice(last(whole) + 1)
      if (suffix === undefined) return name
      text(suffix, 'suffix')
      return suffix !== name && name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : name
    }

    const extname = (path) => posix.extname(basename(path))

    function parse(path) {
      text(path, 'path')
      const { length } = split(path)
      const root = path.slice(0, length)
      const rest = below(path, length)
      const at = last(rest)
      const base = rest.slice(at + 1)
      const ext = posix.extname(base)
      return { root, dir: at < 0 ? root : path.slice(0, length + at), base, ext, name: base.slice(0, base.length - ext.length) }
    }

    function toNamespacedPath(path) {
      if (typeof path !== 'string' || path === '') return path
      const whole = resolve(path)
      if (/^\\\\[^?.]/.test(whole)) return '\\\\?\\UNC\\' + whole.slice(2)
      return /^[A-Za-z]:\\/.test(whole) ? '\\\\?\\' + whole : path
    }

    return {
      normalize, join, resolve, relative, dirname, basename, extname, parse, toNamespacedPath,
      format: (parts) => put(parts, '\\'),
      isAbsolute: (path) => separator(text(path, 'path')[0]) || drive(path) && separator(path[2]),
      sep: '\\', delimiter: ';',
    }
  })()

  posix.posix = win32.posix = posix
  posix.win32 = win32.win32 = win32
  return native.windows() ? win32 : posix
})
