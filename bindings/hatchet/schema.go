package hatchet

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dop251/goja"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
)

// setValidateInput turns the checking of inputs on.
func setValidateInput(r *Realm, d *declaration, what string, v goja.Value) {
	d.ValidateInput = native.Boolean(r.rt, v, what)
	r.compileSchema(d, what)
}

// compileSchema makes the schema of inputs ready once both it and the wish to
// check are known.
func (r *Realm) compileSchema(d *declaration, what string) {
	if !d.ValidateInput || d.InputSchema == nil {
		return
	}
	schema, err := compileSchema(d.InputSchema)
	if err != nil {
		r.fail("%s: the input schema cannot be used: %v", what, err)
	}
	d.schema = schema
}

// schemaURL is where the schema is taken to be: references lead from there, and
// nowhere else.
const schemaURL = "input:///schema.json"

// elsewhereLoader refuses schemas from files and from the network.
type elsewhereLoader struct{}

func (elsewhereLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("the schema refers to %s; put it into $defs", url)
}

// compileSchema reads JSON Schema, draft 2020-12 unless it names another.
// Formats are checked.
func compileSchema(text []byte) (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(elsewhereLoader{})
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, err
	}
	schema, err := compiler.Compile(schemaURL)
	var invalid *jsonschema.SchemaValidationError
	var inner *jsonschema.ValidationError
	if errors.As(err, &invalid) && errors.As(invalid.Err, &inner) {
		return nil, errors.New(violations(inner))
	}
	return schema, err
}

// checkInput fails the task for good if its input is not as the workflow's
// schema says. What cleans up after a failure gets any input.
func (u *run) checkInput() error {
	schema := u.task.workflow.schema
	if schema == nil || u.isOnFailure() || u.inv.Batch != nil {
		return nil
	}
	text, found, plain := memberText(u.inv.Payload, "input")
	if !found || !plain {
		encoded, err := u.realm.encoder.Encode(u.input)
		if err != nil {
			return err
		}
		text = encoded
	}
	input, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = schema.Validate(input)
	}
	if err == nil {
		return nil
	}
	said := err.Error()
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		said = violations(invalid)
	}
	return u.outputError(&TaskError{NonRetryable: true, Cause: err, Message: "the input is not what the task's schema asks for: " + said})
}

// mostViolations is how many are told of one input.
const mostViolations = 5

// violations tells what is wrong, and where: "$.items[0].price: got string,
// want number".
func violations(err *jsonschema.ValidationError) string {
	printer := message.NewPrinter(language.English)
	var said []string
	var visit func(*jsonschema.ValidationError)
	visit = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			said = append(said, jsonPath(e.InstanceLocation)+": "+e.ErrorKind.LocalizedString(printer))
		}
		for _, cause := range e.Causes {
			visit(cause)
		}
	}
	visit(err)
	if more := len(said) - mostViolations; more > 0 {
		said = append(said[:mostViolations], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(said, "; ")
}

// jsonPath writes a place in a value as other messages do: $.items[0].price.
func jsonPath(location []string) string {
	path := "$"
	for _, key := range location {
		if _, err := strconv.Atoi(key); err == nil {
			path += "[" + key + "]"
		} else {
			path += "." + key
		}
	}
	return path
}
