// node:url: the addresses of files, and the interface from before the URL
// standard.
(function (native, require) {
  'use strict'
  const { check, type, coded } = native.errors
  const querystring = require('node:querystring')
  const path = require('node:path')
  const slashed = new Set(['http', 'https', 'ftp', 'gopher', 'file', 'ws', 'wss'].flatMap((name) => [name, `${name}:`]))
  const hostless = new Set(['javascript', 'javascript:'])

  function Url() {
    for (const key of ['protocol', 'slashes', 'auth', 'host', 'port', 'hostname', 'hash', 'search', 'query', 'pathname', 'path', 'href']) this[key] = null
  }

  // Characters that an address never has.
  const escaped = (text) => text.replace(/[\t\n\r "'<>\\^`{|}]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'))

  const authority = (url, rest) => {
    const end = rest.search(/[/?#\t\n\r "%'<>\\^`{|};]/)
    let at = -1
    const stop = rest.search(/[#?/\\]/)
    at = rest.slice(0, stop < 0 ? rest.length : stop).lastIndexOf('@')
    if (at >= 0) {
      url.auth = decodeURIComponent(rest.slice(0, at))
      rest = rest.slice(at + 1)
    }
    const over = at >= 0 ? rest.search(/[/?#\t\n\r "%'<>\\^`{|};]/) : end
    let host = over < 0 ? rest : rest.slice(0, over)
    rest = over < 0 ? '' : rest.slice(over)
    const port = /:([0-9]*)$/.exec(host)
    if (port) {
      if (port[1] !== '') url.port = port[1]
      host = host.slice(0, -port[0].length)
    }
    const six = host.startsWith('[') && host.endsWith(']')
    if (!six) {
      const bad = host.search(/[^A-Za-z0-9.+\-_\u0080-\uffff]/)
      if (bad >= 0) {
        if (/[\0\t\n\r #%/<>?@[\\\]^|]/.test(host)) throw coded(TypeError, 'ERR_INVALID_URL', 'the URL has an invalid host', { input: url.input })
        rest = '/' + host.slice(bad) + rest
        host = host.slice(0, bad)
      }
      if (host.length > 255) host = ''
      host = native.toASCII(host.toLowerCase())
    } else host = host.toLowerCase()
    url.hostname = six ? host.slice(1, -1) : host
    url.host = host + (url.port === null ? '' : ':' + url.port)
    return six && rest !== '' && rest[0] !== '/' ? '/' + rest : rest
  }

  Url.prototype.parse = function (address, parseQuery, slashesDenoteHost) {
    check.string(address, 'the URL')
    let split = address.search(/[?#]/)
    if (split < 0) split = address.length
    let rest = (address.slice(0, split).replace(/\\/g, '/') + address.slice(split)).trim()
    const protocol = /^[a-z0-9.+-]+:/i.exec(rest)?.[0]
    let lower
    if (protocol) {
      lower = protocol.toLowerCase()
      this.protocol = lower
      rest = rest.slice(protocol.length)
    }
    let slashes = false
    if (slashesDenoteHost || protocol || /^\/\/[^@/]+@[^@/]+/.test(rest)) {
      slashes = rest.startsWith('//')
      if (slashes && !(lower && hostless.has(lower))) {
        rest = rest.slice(2)
        this.slashes = true
      }
    }
    if (!hostless.has(lower) && (slashes || protocol && !slashed.has(protocol))) rest = authority(this, rest)
    if (!hostless.has(lower)) rest = escaped(rest)
    const hash = rest.indexOf('#')
    if (hash >= 0) {
      this.hash = rest.slice(hash)
      rest = rest.slice(0, hash)
    }
    const query = rest.indexOf('?')
    if (query >= 0) {
      this.search = rest.slice(query)
      this.query = rest.slice(query + 1)
      if (parseQuery) this.query = querystring.parse(this.query)
      rest = rest.slice(0, query)
    } else if (parseQuery) {
      this.search = null
      this.query = Object.create(null)
    }
    if (rest !== '') this.pathname = rest
    if (slashed.has(lower) && this.hostname && !this.pathname) this.pathname = '/'
    if (this.pathname || this.search) this.path = (this.pathname ?? '') + (this.search ?? '')
    this.href = this.format()
    return this
  }

  Url.prototype.format = function () {
    let auth = this.auth || ''
    if (auth) auth = encodeURIComponent(auth).replace(/%3A/i, ':') + '@'
    let protocol = this.protocol || '', pathname = this.pathname || '', hash = this.hash || '', host = '', query = ''
    if (this.host) host = auth + this.host
    else if (this.hostname) {
      host = auth + (this.hostname.includes(':') && !/^\[.*\]$/.test(this.hostname) ? `[${this.hostname}]` : this.hostname)
      if (this.port) host += ':' + this.port
    }
    if (this.query !== null && typeof this.query === 'object') query = querystring.stringify(this.query)
    let search = this.search || (query && '?' + query) || ''
    if (protocol && !protocol.endsWith(':')) protocol += ':'
    pathname = pathname.replace(/[?#]/g, encodeURIComponent)
    if (this.slashes || slashed.has(protocol)) {
      if (this.slashes || host) {
        if (pathname && pathname[0] !== '/') pathname = '/' + pathname
        host = '//' + host
      } else if (protocol === 'file:') host = '//'
    }
    search = search.replace(/#/g, '%23')
    if (hash && hash[0] !== '#') hash = '#' + hash
    if (search && search[0] !== '?') search = '?' + search
    return protocol + host + pathname + search + hash
  }

  Url.prototype.resolve = function (relative) { return this.resolveObject(parse(relative, false, true)).format() }

  Url.prototype.resolveObject = function (relative) {
    if (typeof relative === 'string') relative = new Url().parse(relative, false, true)
    const result = Object.assign(new Url(), this)
    result.hash = relative.hash
    if (relative.href === '') {
      result.href = result.format()
      return result
    }
    if (relative.slashes && !relative.protocol) {
      for (const key of Object.keys(relative)) if (key !== 'protocol') result[key] = relative[key]
      if (slashed.has(result.protocol) && result.hostname && !result.pathname) result.path = result.pathname = '/'
      result.href = result.format()
      return result
    }
    if (relative.protocol && relative.protocol !== result.protocol) {
      if (!slashed.has(relative.protocol)) {
        Object.assign(result, relative)
        result.href = result.format()
        return result
      }
      result.protocol = relative.protocol
      const parts = (relative.pathname || '').split('/')
      if (!relative.host && !/^file:?$/.test(relative.protocol) && !hostless.has(relative.protocol)) {
        while (parts.length > 0 && !(relative.host = parts.shift()));
        relative.host ||= ''
        relative.hostname ||= ''
        if (parts[0] !== '') parts.unshift('')
        if (parts.length < 2) parts.unshift('')
        result.pathname = parts.join('/')
      } else result.pathname = relative.pathname
      Object.assign(result, { search: relative.search, query: relative.query, host: relative.host || '', auth: relative.auth, hostname: relative.hostname || relative.host, port: relative.port })
      if (result.pathname || result.search) result.path = (result.pathname || '') + (result.search || '')
      result.slashes ||= relative.slashes
      result.href = result.format()
      return result
    }
    return merge(result, relative)
  }

  const merge = (result, relative) => {
    const isAbsolute = result.pathname?.[0] === '/', relAbsolute = Boolean(relative.host || relative.pathname?.[0] === '/')
    let mustEnd = relAbsolute || isAbsolute || Boolean(result.host && relative.pathname)
    const removeAll = mustEnd
    let source = result.pathname ? result.pathname.split('/') : []
    const given = relative.pathname ? relative.pathname.split('/') : []
    const odd = result.protocol && !slashed.has(result.protocol)
    if (odd) {
      result.hostname = ''
      result.port = null
      if (result.host) {
        if (source[0] === '') source[0] = result.host
        else source.unshift(result.host)
      }
      result.host = ''
      if (relative.protocol) {
        relative.hostname = relative.port = null
        result.auth = null
        if (relative.host) {
          if (given[0] === '') given[0] = relative.host
          else given.unshift(relative.host)
        }
        relative.host = null
      }
      mustEnd &&= given[0] === '' || source[0] === ''
    }
    if (relAbsolute) {
      if (relative.host || relative.host === '') {
        if (result.host !== relative.host) result.auth = null
        result.host = relative.host
        result.port = relative.port
      }
      if (relative.hostname || relative.hostname === '') {
        if (result.hostname !== relative.hostname) result.auth = null
        result.hostname = relative.hostname
      }
      result.search = relative.search
      result.query = relative.query
      source = given
    } else if (given.length > 0) {
      source.pop()
      source = source.concat(given)
      result.search = relative.search
      result.query = relative.query
    } else if (relative.search !== null && relative.search !== undefined) {
      if (odd) {
        result.hostname = result.host = source.shift()
      }
      result.search = relative.search
      result.query = relative.query
      if (result.pathname !== null || result.search !== null) result.path = (result.pathname || '') + (result.search || '')
      result.href = result.format()
      return result
    }
    if (source.length === 0) {
      result.pathname = null
      result.path = result.search ? '/' + result.search : null
      result.href = result.format()
      return result
    }
    const last = source[source.length - 1]
    const trailing = (result.host || relative.host || source.length > 1) && (last === '.' || last === '..') || last === ''
    let up = 0
    for (let i = source.length - 1; i >= 0; i--) {
      if (source[i] === '.') source.splice(i, 1)
      else if (source[i] === '..') { source.splice(i, 1); up++ }
      else if (up) { source.splice(i, 1); up-- }
    }
    if (!mustEnd && !removeAll) while (up-- > 0) source.unshift('..')
    if (mustEnd && source[0] !== '' && (!source[0] || source[0][0] !== '/')) source.unshift('')
    if (trailing && source.join('/').slice(-1) !== '/') source.push('')
    const rooted = source[0] === '' || source[0]?.[0] === '/'
    if (odd) {
      result.hostname = result.host = rooted ? '' : source.length ? source.shift() : ''
    }
    mustEnd ||= Boolean(result.host && source.length)
    if (mustEnd && !rooted) source.unshift('')
    if (source.length === 0) {
      result.pathname = null
      result.path = null
    } else result.pathname = source.join('/')
    if (result.pathname !== null || result.search !== null) result.path = (result.pathname || '') + (result.search || '')
    result.auth = relative.auth || result.auth
    result.slashes ||= relative.slashes
    result.href = result.format()
    return result
  }

  const parse = (address, parseQuery, slashesDenoteHost) => address instanceof Url ? address : new Url().parse(address, parseQuery, slashesDenoteHost)

  return {
    URL, URLSearchParams, Url, parse,
    resolve: (from, to) => parse(from, false, true).resolve(to),
    resolveObject: (from, to) => from ? parse(from, false, true).resolveObject(to) : to,
    format(address, options) {
      if (typeof address === 'string') address = parse(address)
      else if (typeof address !== 'object' || address === null) throw type('the URL', 'an object or a string', address)
      else if (address instanceof URL) {
        const { auth = true, fragment = true, search = true, unicode = false } = options ?? {}
        const shown = new URL(address.href)
        if (!auth) shown.username = shown.password = ''
        if (!fragment) shown.hash = ''
        if (!search) shown.search = ''
        return unicode && shown.hostname ? shown.href.replace(shown.hostname, native.toUnicode(shown.hostname)) : shown.href
      }
      return Url.prototype.format.call(address)
    },
    domainToASCII(domain) { try { return new URL(`ws://${domain}`).hostname } catch { return '' } },
    domainToUnicode(domain) { try { return native.toUnicode(new URL(`ws://${domain}`).hostname) } catch { return '' } },
    fileURLToPath(address) {
      if (typeof address === 'string') address = new URL(address)
      else if (!(address instanceof URL)) throw type('the URL', 'a string or a URL', address)
      if (address.protocol !== 'file:') throw coded(TypeError, 'ERR_INVALID_URL_SCHEME', 'the URL must begin with file:')
      if (address.hostname !== '') throw coded(TypeError, 'ERR_INVALID_FILE_URL_HOST', 'the host of a file: URL must be localhost or empty')
      if (/%2f/i.test(address.pathname)) throw coded(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'the path of a file: URL must not have encoded slashes')
      const found = decodeURIComponent(address.pathname)
      if (path.sep === '/') return found
      if (!/^\/[A-Za-z]:/.test(found)) throw coded(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'the path of a file: URL must begin with a drive')
      return found.slice(1).replaceAll('/', '\\')
    },
    pathToFileURL(given) {
      check.string(given, 'the path')
      let resolved = path.resolve(given)
      if (path.sep !== '/') resolved = '/' + resolved.replaceAll('\\', '/')
      const open = given.endsWith('/') || given.endsWith(path.sep)
      if (open && !resolved.endsWith('/')) resolved += '/'
      const encoded = resolved.replace(/[%\\\n\r\t?#]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'))
      return new URL(`file://${encoded}`)
    },
    urlToHttpOptions(address) {
      const { hostname, pathname, search, port, username, password } = address
      const options = {
        ...address, protocol: address.protocol, hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname, hash: address.hash, search, pathname,
        path: `${pathname || ''}${search || ''}`, href: address.href,
      }
      if (port !== '') options.port = Number(port)
      if (username || password) options.auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
      return options
    },
  }
})
