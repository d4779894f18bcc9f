package bundle

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-sourcemap/sourcemap"
)

// positions lead from the bundle back to the sources.
type positions struct {
	consumer *sourcemap.Consumer
	encoded  []byte            // what consumer was made from
	sources  map[string]string // displayed file to its text
}

// rawMap is a source map, version 3, as the bundler writes it.
type rawMap struct {
	Version        int      `json:"version"`
	Sources        []string `json:"sources"`
	SourcesContent []string `json:"sourcesContent,omitempty"`
	Mappings       string   `json:"mappings"`
	Names          []string `json:"names"`
}

// sourceMap reads the bundler's map and changes it so that goja's positions
// come out right: sources get the names shown to people, and columns are
// counted as goja counts them.
func (b *build) sourceMap(code string, mapping []byte) (*positions, error) {
	var raw rawMap
	if err := json.Unmarshal(mapping, &raw); err != nil {
		return nil, fmt.Errorf("read source map: %w", err)
	}
	p := &positions{sources: map[string]string{}}
	for i, source := range raw.Sources {
		if plain, err := url.PathUnescape(source); err == nil {
			source = plain // the bundler writes sources as URLs
		}
		raw.Sources[i] = b.sourceName(source)
		if text, read := b.contents[b.absolute(source)]; read { // as it is, and not as it was built
			p.sources[raw.Sources[i]] = text
		} else if i < len(raw.SourcesContent) {
			p.sources[raw.Sources[i]] = raw.SourcesContent[i]
		}
	}
	raw.SourcesContent = nil
	if raw.Mappings == "" { // an empty script
		return p, nil
	}
	return p, p.consume(raw, code)
}

// consume makes the consumer that goja asks.
func (p *positions) consume(raw rawMap, code string) (err error) {
	if raw.Mappings, err = recount(raw.Mappings, code); err != nil {
		return fmt.Errorf("read source map: %w", err)
	}
	if p.encoded, err = json.Marshal(raw); err != nil {
		return fmt.Errorf("write source map: %w", err)
	}
	if p.consumer, err = sourcemap.Parse("", p.encoded); err != nil {
		return fmt.Errorf("read source map: %w", err)
	}
	return nil
}

// sourceName is the name shown for a source of the map. That of a built-in
// module is in angle brackets, which hides its frames from stacks: the author
// of a script is served with the line that called it.
func (b *build) sourceName(source string) string {
	for _, namespace := range []string{builtin, required, absent} {
		if name, found := strings.CutPrefix(source, namespace+":"); found {
			return "<" + name + ">"
		}
	}
	if inEntry(source) {
		return entrySource
	}
	return b.names.display(b.absolute(source))
}

// absolute is the path of a source of the map, which the bundler gives from the
// folder of the script.
func (b *build) absolute(source string) string {
	path := filepath.FromSlash(source)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(b.names.real), path)
	}
	return path
}

// inEntry recognises the generated module, which the bundler puts into the
// folder of the script.
func inEntry(source string) bool { return filepath.Base(source) == entrySource }

// recount changes the columns of mappings. A source map counts generated
// columns from 0 in UTF-16 units; goja asks for them counted from 1 in bytes.
// Original columns come out counted from 1 as well, as people count.
func recount(mappings, code string) (string, error) {
	var out strings.Builder
	out.Grow(len(mappings) + len(mappings)/8)
	first := true // the first segment of all
	for lineNumber := 0; ; lineNumber++ {
		group, rest, more := strings.Cut(mappings, ";")
		line, following := cutLine(code)
		if err := recountLine(&out, group, line, &first); err != nil {
			return "", err
		}
		if !more {
			return out.String(), nil
		}
		out.WriteByte(';')
		mappings, code = rest, following
	}
}

func recountLine(out *strings.Builder, group, line string, first *bool) error {
	if group == "" {
		return nil
	}
	columns := columnCounter{line: line, ascii: isASCII(line)}
	column, before := 0, 0
	for i, segment := range strings.Split(group, ",") {
		delta, rest, err := readVLQ(segment)
		if err != nil {
			return err
		}
		column += delta
		counted := columns.bytesBefore(column) + 1
		if i > 0 {
			out.WriteByte(',')
		}
		writeVLQ(out, counted-before)
		before = counted
		if *first && rest != "" {
			*first = false
			rest, err = shiftOriginalColumn(rest)
			if err != nil {
				return err
			}
		}
		out.WriteString(rest)
	}
	return nil
}

// shiftOriginalColumn adds 1 to the third field of rest (source, line, column,
// name). All fields but the generated column are relative to the segment
// before, so that one shift at the start moves every original column.
func shiftOriginalColumn(rest string) (string, error) {
	var out strings.Builder
	for field := 0; rest != ""; field++ {
		value, following, err := readVLQ(rest)
		if err != nil {
			return "", err
		}
		if field == 2 {
			value++
		}
		writeVLQ(&out, value)
		rest = following
	}
	return out.String(), nil
}

// columnCounter converts columns of one line, asked for in ascending order.
type columnCounter struct {
	line  string
	ascii bool
	units int // UTF-16 units passed
	bytes int // and the bytes they take
}

func (c *columnCounter) bytesBefore(units int) int {
	if c.ascii {
		return units
	}
	if units < c.units {
		c.units, c.bytes = 0, 0
	}
	for c.units < units && c.bytes < len(c.line) {
		r, size := utf8.DecodeRuneInString(c.line[c.bytes:])
		c.units++
		if r > 0xffff {
			c.units++
		}
		c.bytes += size
	}
	return c.bytes + units - c.units
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cutLine cuts at the first line end as JavaScript knows them.
func cutLine(code string) (line, rest string) {
	i := strings.IndexAny(code, "\r\n\u2028\u2029")
	switch {
	case i < 0:
		return code, ""
	case strings.HasPrefix(code[i:], "\r\n"):
		return code[:i], code[i+2:]
	}
	_, size := utf8.DecodeRuneInString(code[i:])
	return code[:i], code[i+size:]
}
