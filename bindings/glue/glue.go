// Package glue gives scripts the modules that glue code is made of: hatchet:yaml,
// hatchet:csv, hatchet:template and so on. Each stands on the library that Go
// programs use for it, and is declared as a table. What touches the world goes
// through bindings/permit.
package glue

import "github.com/hatchet-js/hatchet-js-worker/bindings/native"

// Modules are the modules of this package.
func Modules() []native.Module {
	return []native.Module{sqlModule, yamlModule, csvModule, templateModule, kvModule, secretsModule, smtpModule, redisModule, s3Module, sshModule}
}

type member = native.Member[*native.Host]
