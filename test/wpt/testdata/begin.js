// What the suite's harness expects to find around it.
globalThis.self = globalThis
globalThis.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false }
globalThis.location = new URL('http://web-platform.test/test.any.js' + variant)
// Files of the suite alone.
globalThis.fetch = async (path) => new Response(readSuite(String(path)))
