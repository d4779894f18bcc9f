// node:path for POSIX paths.
(function (native, require) {
  'use strict'
  const text = (value, name) => {
    if (typeof value !== 'string') {
      throw new TypeError(`path: ${name} must be a string, got ${value === null ? 'null' : typeof value}`)
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
    const parent = trimmed(whole.slice(0, at))
    return parent === '' ? (whole.startsWith('//') && at === 1 ? '//' : '/') : parent
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

  function format(parts) {
    if (parts === null || typeof parts !== 'object') throw new TypeError('path.format: the argument must be an object')
    const dir = parts.dir || parts.root || ''
    const ext = parts.ext ? (parts.ext[0] === '.' ? parts.ext : '.' + parts.ext) : ''
    const base = parts.base || (parts.name || '') + ext
    if (dir === '') return base
    return dir === parts.root ? dir + base : dir + '/' + base
  }

  const path = {
    normalize, join, resolve, relative, dirname, basename, extname, parse, format,
    isAbsolute: (path) => text(path, 'path')[0] === '/',
    toNamespacedPath: (path) => path,
    sep: '/', delimiter: ':',
  }
  path.posix = path
  return path
})
