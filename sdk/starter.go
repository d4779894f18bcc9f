package sdk

import (
	"github.com/hatchet-js/hatchet-js-worker/bindings/permit"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js"
	"github.com/hatchet-js/hatchet-js-worker/sdk/js/typescript"
)

// NamedFile is a text file to be written below some folder.
type NamedFile struct {
	Name string // slash-separated, relative
	Text string
}

// TypeFiles are the declarations that an editor needs to complete the injected
// globals, the built-in modules, what tests import, and Hatchet's TypeScript SDK.
func TypeFiles() []NamedFile {
	return []NamedFile{
		{Name: "hatchet-js.d.ts", Text: js.Declarations()},
		{Name: "hatchet-js-modules.d.ts", Text: js.Modules()},
		{Name: "hatchet-js.schema.json", Text: permit.Schema()},
		{Name: "hatchet-js-test.d.ts", Text: js.TestDeclarations()},
		{Name: "hatchet-js-typescript-sdk.d.ts", Text: typescript.Declarations()},
	}
}

// StarterFiles are a first workflow, a test of it, and the editor's settings.
func StarterFiles() []NamedFile {
	return []NamedFile{
		{Name: "hello.ts", Text: starterWorkflow},
		{Name: "hello.test.ts", Text: starterTest},
		{Name: "tsconfig.json", Text: starterConfig},
		{Name: permit.ConfigName, Text: starterPermissions},
	}
}

const starterPermissions = `{
  "$schema": "./hatchet-js.schema.json",
  "permissions": {
    "default": {
      "net": [],
      "read": [],
      "write": [],
      "env": [],
      "run": []
    }
  },
  "secrets": {},
  "limits": {
    "wall": "10m",
    "fetches": 200
  }
}
`

const starterWorkflow = `// Two tasks, the second after the first. Try it:
//   hatchet-js-worker run hello '{"name":"Ada"}' --local --dir .

interface Input {
  name?: string;
}

workflow('hello')
  .task('greet', (input: Input) => ({ text: ` + "`Hello, ${input.name ?? 'world'}!`" + ` }))
  .taskAfter('shout', ['greet'], (_input: Input, ctx) => ({
    text: ctx.parentOutput('greet').text.toUpperCase(),
  }))
  .retries(2);
`

const starterTest = `import { test, expect } from 'hatchet:test';
import './hello';

test('shouts', async (t) => {
  const run = await t.trigger('hello', { name: 'Ada' });
  expect(await run.result()).toEqual({ greet: { text: 'Hello, Ada!' }, shout: { text: 'HELLO, ADA!' } });
});
`

const starterConfig = `{
  "compilerOptions": {
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "lib": ["ES2023", "ESNext"],
    "types": [],
    "strict": true,
    "noEmit": true,
    "allowJs": true,
    "skipLibCheck": true
  },
  "include": ["**/*.ts", "**/*.mts", "**/*.js", "**/*.mjs"]
}
`
