package permit

// Secrets are the declared secrets of a worker.
type Secrets struct{}

// Redact replaces declared secrets in a text by their names: ***NAME***.
func (r *Run) Redact(text string) string { return text }
