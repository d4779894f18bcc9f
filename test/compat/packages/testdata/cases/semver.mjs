import semver from 'semver'

export default async () => [
  semver.satisfies('1.4.2', '^1.2.0 || >=3'), semver.valid('v1.2.3-beta.1+build'), semver.inc('1.2.3', 'minor'), semver.inc('1.2.3-rc.1', 'prerelease'), semver.sort(['1.10.0', '1.9.0', '1.9.0-a']), semver.maxSatisfying(['1.1.0', '1.2.0', '2.0.0'], '~1'),
  semver.coerce('release 42.6.7.9').version, semver.diff('1.0.0', '1.1.0'), semver.validRange('>1.2 <2'), semver.parse('1.2.3-a.4').prerelease, semver.valid('nope'),
]
