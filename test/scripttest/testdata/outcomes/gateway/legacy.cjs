module.exports = function legacy(n) { return 'real ' + n }
module.exports.version = 1
