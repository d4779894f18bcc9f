package glue

// failure is an error of a module with the name and the code that scripts see.
type failure struct {
	name, code string
	details    map[string]any
	err        error
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// ErrorName is the name of the Error that scripts see.
func (f *failure) ErrorName() string { return f.name }

// ErrorCode is the property code of that Error.
func (f *failure) ErrorCode() string { return f.code }

// Properties are its further properties.
func (f *failure) Properties() map[string]any { return f.details }
