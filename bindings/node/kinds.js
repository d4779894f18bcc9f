// util.types: what an object is, whatever its prototype says.
(function () {
  'use strict'
  return (classOf) => {
    const getter = (prototype, name) => Object.getOwnPropertyDescriptor(prototype, name).get
    const brand = (method, ...args) => (value) => {
      if (typeof value !== 'object' || value === null) return false
      try {
        Reflect.apply(method, value, args)
        return true
      } catch {
        return false
      }
    }
    const tag = (...tags) => (value) => (typeof value === 'object' && value !== null || typeof value === 'function') && tags.includes(Object.prototype.toString.call(value).slice(8, -1))
    const typed = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
    const array = (name) => (value) => ArrayBuffer.isView(value) && Reflect.apply(typed, value, []) === name
    const types = {
      isDate: brand(Date.prototype.getTime),
      isMap: brand(getter(Map.prototype, 'size')), isSet: brand(getter(Set.prototype, 'size')),
      isWeakMap: brand(WeakMap.prototype.has, {}), isWeakSet: brand(WeakSet.prototype.has, {}),
      isRegExp: (value) => classOf(value) === 'RegExp', isNativeError: (value) => classOf(value) === 'Error',
      isPromise: (value) => classOf(value) === 'Promise', isProxy: (value) => classOf(value) === 'Proxy',
      isArgumentsObject: (value) => classOf(value) === 'Arguments',
      isNumberObject: brand(Number.prototype.valueOf), isStringObject: brand(String.prototype.valueOf), isBooleanObject: brand(Boolean.prototype.valueOf),
      isBigIntObject: brand(BigInt.prototype.valueOf), isSymbolObject: brand(Symbol.prototype.valueOf),
      isAnyArrayBuffer: (value) => classOf(value) === 'ArrayBuffer', isArrayBuffer: (value) => classOf(value) === 'ArrayBuffer', isSharedArrayBuffer: () => false,
      isArrayBufferView: (value) => ArrayBuffer.isView(value), isDataView: (value) => ArrayBuffer.isView(value) && Reflect.apply(typed, value, []) === undefined,
      isTypedArray: (value) => ArrayBuffer.isView(value) && Reflect.apply(typed, value, []) !== undefined,
      isAsyncFunction: tag('AsyncFunction'), isGeneratorFunction: tag('GeneratorFunction'), isGeneratorObject: tag('Generator'),
      isMapIterator: tag('Map Iterator'), isSetIterator: tag('Set Iterator'),
      isExternal: () => false, isModuleNamespaceObject: () => false, isKeyObject: tag('KeyObject'), isCryptoKey: tag('CryptoKey'),
    }
    types.isBoxedPrimitive = (value) => ['Number', 'String', 'Boolean', 'BigInt', 'Symbol'].some((name) => types[`is${name}Object`](value))
    for (const name of ['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array', 'Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array']) {
      types[`is${name}`] = array(name)
    }
    return types
  }
})
