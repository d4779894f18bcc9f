package bundle

import (
	"fmt"

	"github.com/go-sourcemap/sourcemap"
)

// Portable is what it takes to run a bundle in another process.
type Portable struct {
	Entry, Name, Hash string // as in [Bundle]
	Code              string
	Map               []byte            // source map; empty if there is none
	Sources           map[string]string // displayed file to its text
	Cores             map[string]string // name to source
}

// Portable returns the bundle in a form that can be sent.
func (b *Bundle) Portable() Portable {
	p := Portable{Entry: b.Entry, Name: b.Name, Hash: b.Hash, Code: b.code, Map: b.mapping, Sources: b.sources, Cores: map[string]string{}}
	for _, c := range b.cores {
		p.Cores[c.name] = c.source
	}
	return p
}

// Restore makes the bundle that p was made of, but for its inputs and warnings.
func Restore(p Portable) (*Bundle, error) {
	positions := &positions{encoded: p.Map, sources: p.Sources}
	if len(p.Map) > 0 {
		consumer, err := sourcemap.Parse("", p.Map)
		if err != nil {
			return nil, fmt.Errorf("restore %s: read source map: %w", p.Name, err)
		}
		positions.consumer = consumer
	}
	program, err := compile(p.Code, p.Name, positions)
	if err != nil {
		return nil, fmt.Errorf("restore %s: %w", p.Name, err)
	}
	cores := make([]*Core, 0, len(p.Cores))
	for name, source := range p.Cores {
		cores = append(cores, NewCore(name, source))
	}
	return &Bundle{
		Entry: p.Entry, Name: p.Name, Hash: p.Hash, Program: program, Size: len(p.Code),
		code: p.Code, cores: cores, mapping: p.Map, sources: p.Sources,
	}, nil
}
