package urlpattern

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type partKind int

const (
	fixedText partKind = iota
	customRegexp
	segmentWildcard // up to the next delimiter
	fullWildcard    // everything
)

const anything = ".*"

// part is a piece of a pattern: a text, or a group that matches something.
type part struct {
	kind           partKind
	value          string
	modifier       string // "", "?", "*" or "+"
	name           string
	prefix, suffix string
}

// options are what the components of a URL differ in.
type options struct {
	delimiter string
	prefix    string
}

// segment is the regular expression of a name without one.
func (o options) segment() string { return "[^" + escapeRegexp(o.delimiter) + "]+?" }

// partParser makes parts of tokens.
type partParser struct {
	tokens  []token
	at      int
	options options
	encode  func(string) (string, error) // makes a text as it is in URLs
	parts   []part
	pending strings.Builder // text that is no part yet
	unnamed int
}

func parseParts(input string, o options, encode func(string) (string, error)) ([]part, error) {
	tokens, err := tokenize([]rune(input), false)
	if err != nil {
		return nil, err
	}
	p := &partParser{tokens: tokens, options: o, encode: encode}
	for p.at < len(tokens) {
		if err := p.step(); err != nil {
			return nil, fmt.Errorf("%w in %q", err, input)
		}
	}
	return p.parts, nil
}

// take gives the next token if it is of a kind.
func (p *partParser) take(kind tokenKind) *token {
	if p.at < len(p.tokens) && p.tokens[p.at].kind == kind {
		p.at++
		return &p.tokens[p.at-1]
	}
	return nil
}

// takeGroup gives what a group may consist of: a name, and a regular expression
// or, without a name, an asterisk.
func (p *partParser) takeGroup() (name, expression *token) {
	name = p.take(tokenName)
	if expression = p.take(tokenRegexp); expression == nil && name == nil {
		expression = p.take(tokenAsterisk)
	}
	return name, expression
}

func (p *partParser) takeModifier() string {
	for _, kind := range []tokenKind{tokenModifier, tokenAsterisk} {
		if t := p.take(kind); t != nil {
			return t.value
		}
	}
	return ""
}

func (p *partParser) takeText() string {
	var text strings.Builder
	for {
		t := p.take(tokenChar)
		if t == nil {
			t = p.take(tokenEscaped)
		}
		if t == nil {
			return text.String()
		}
		text.WriteString(t.value)
	}
}

func (p *partParser) step() error {
	char := p.take(tokenChar)
	if name, expression := p.takeGroup(); name != nil || expression != nil {
		prefix := ""
		if char != nil {
			prefix = char.value
		}
		if prefix != p.options.prefix {
			p.pending.WriteString(prefix)
			prefix = ""
		}
		return p.add(prefix, name, expression, "", p.takeModifier())
	}
	if char == nil {
		char = p.take(tokenEscaped)
	}
	if char != nil {
		p.pending.WriteString(char.value)
		return nil
	}
	if p.take(tokenOpen) != nil {
		prefix := p.takeText()
		name, expression := p.takeGroup()
		suffix := p.takeText()
		if p.take(tokenClose) == nil {
			return p.unexpected()
		}
		return p.add(prefix, name, expression, suffix, p.takeModifier())
	}
	if p.take(tokenEnd) == nil {
		return p.unexpected()
	}
	return p.flush()
}

func (p *partParser) unexpected() error {
	t := p.tokens[p.at]
	if t.kind == tokenEnd {
		return fmt.Errorf("a } is missing at the end")
	}
	return fmt.Errorf("%q is not expected at character %d", t.value, t.index+1)
}

// flush makes a part of the pending text.
func (p *partParser) flush() error {
	if p.pending.Len() == 0 {
		return nil
	}
	encoded, err := p.encode(p.pending.String())
	p.pending.Reset()
	p.parts = append(p.parts, part{kind: fixedText, value: encoded})
	return err
}

func (p *partParser) add(prefix string, name, expression *token, suffix, modifier string) error {
	group := name != nil || expression != nil
	if !group && modifier == "" {
		p.pending.WriteString(prefix)
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	encoded, err := p.encode(prefix)
	if err != nil {
		return err
	}
	if !group {
		if prefix != "" {
			p.parts = append(p.parts, part{kind: fixedText, value: encoded, modifier: modifier})
		}
		return nil
	}
	made := p.group(name, expression)
	if slices.ContainsFunc(p.parts, func(other part) bool { return other.name == made.name }) {
		return fmt.Errorf("the name %q is given twice", made.name)
	}
	made.modifier, made.prefix = modifier, encoded
	made.suffix, err = p.encode(suffix)
	p.parts = append(p.parts, made)
	return err
}

// group is a part that matches something, named by its number if by nothing else.
func (p *partParser) group(name, expression *token) part {
	source := p.options.segment()
	switch {
	case expression == nil:
	case expression.kind == tokenAsterisk:
		source = anything
	default:
		source = expression.value
	}
	made := part{kind: customRegexp, value: source}
	switch source {
	case p.options.segment():
		made = part{kind: segmentWildcard}
	case anything:
		made = part{kind: fullWildcard}
	}
	if name != nil {
		made.name = name.value
		return made
	}
	made.name = strconv.Itoa(p.unnamed)
	p.unnamed++
	return made
}
