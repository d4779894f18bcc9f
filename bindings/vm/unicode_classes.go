package vm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// expandClasses writes a pattern with the flag v as one with the flag u: classes
// in classes, intersections (&&), subtractions (--) and strings (\q) are worked
// out here.
func expandClasses(pattern string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(pattern); {
		switch rest := pattern[i:]; {
		case strings.HasPrefix(rest, `\p`), strings.HasPrefix(rest, `\P`):
			ranges, length, err := propertyEscape(rest)
			if err != nil {
				return "", err
			}
			writeRanges(&out, ranges, false)
			i += length
		case rest[0] == '\\' && len(rest) > 1:
			if !strings.ContainsRune(escapes, rune(rest[1])) {
				return "", fmt.Errorf("%w: \\%c", errEscape, rest[1])
			}
			out.WriteString(rest[:2])
			i += 2
		case rest[0] == '[':
			p := &classParser{text: pattern, at: i}
			set, err := p.class(0)
			if err != nil {
				return "", err
			}
			set.write(&out)
			i = p.at
		default:
			out.WriteByte(rest[0])
			i++
		}
	}
	return out.String(), nil
}

// escapes are the characters that a backslash outside of classes may precede.
const escapes = `^$\.*+?()[]{}|/dDwWsSbBfnrtvkcxu0123456789`

// classSet is what a class matches: code points, and strings of none or several.
type classSet struct {
	ranges  []runeRange
	strings []string
}

func (s classSet) write(out *strings.Builder) {
	if len(s.strings) == 0 {
		writeRanges(out, s.ranges, false)
		return
	}
	// The longest first, as the standard has it; the empty one is shorter than
	// a code point.
	slices.SortStableFunc(s.strings, func(a, b string) int { return utf8.RuneCountInString(b) - utf8.RuneCountInString(a) })
	out.WriteString("(?:")
	for _, text := range s.strings {
		if text == "" {
			continue
		}
		for _, r := range text {
			writeRune(out, r)
		}
		out.WriteByte('|')
	}
	writeRanges(out, s.ranges, false)
	if slices.Contains(s.strings, "") {
		out.WriteByte('|')
	}
	out.WriteByte(')')
}

func (s classSet) combined(operator string, other classSet) classSet {
	in := func(text string) bool { return slices.Contains(other.strings, text) }
	switch operator {
	case "&&":
		outside := complement(other.ranges)
		return classSet{without(s.ranges, outside), slices.DeleteFunc(s.strings, func(text string) bool { return !in(text) })}
	case "--":
		return classSet{without(s.ranges, other.ranges), slices.DeleteFunc(s.strings, in)}
	}
	all := slices.Concat(s.strings, other.strings)
	slices.Sort(all)
	return classSet{union(s.ranges, other.ranges), slices.Compact(all)}
}

var (
	errClassEnd   = errors.New("unterminated character class")
	errClassSet   = errors.New("invalid set operation in character class")
	errClassChar  = errors.New("invalid character in character class")
	errClassRange = errors.New("range out of order in character class")
	errClassDeep  = errors.New("character classes nested too deeply")
	errEscape     = errors.New("invalid escape")
	errNegated    = errors.New("negated character class may contain strings")
)

// classParser reads the class that text has at an index.
type classParser struct {
	text string
	at   int
}

func (p *classParser) rest() string { return p.text[p.at:] }

func (p *classParser) take(prefix string) bool {
	if strings.HasPrefix(p.rest(), prefix) {
		p.at += len(prefix)
		return true
	}
	return false
}

func (p *classParser) class(depth int) (classSet, error) {
	if depth > maxNesting {
		return classSet{}, errClassDeep
	}
	p.at++ // the bracket
	negated := p.take("^")
	set, err := p.contents(depth)
	if err != nil || !negated {
		return set, err
	}
	if len(set.strings) > 0 {
		return set, errNegated
	}
	return classSet{ranges: complement(set.ranges)}, nil
}

// contents reads up to and with the closing bracket. One class has operators of
// one kind.
func (p *classParser) contents(depth int) (classSet, error) {
	var set classSet
	for operands := 0; ; operands++ {
		if p.at == len(p.text) {
			return set, errClassEnd
		}
		if p.take("]") {
			return set, nil
		}
		operator := ""
		if operands > 0 {
			if operator = p.operator(); operator != "" && operands == 1 {
				return p.operation(set, operator, depth)
			}
		}
		if operator != "" {
			return set, errClassSet
		}
		operand, err := p.operand(depth, true)
		if err != nil {
			return set, err
		}
		set = set.combined("", operand)
	}
}

func (p *classParser) operator() string {
	for _, operator := range []string{"&&", "--"} {
		if p.take(operator) {
			return operator
		}
	}
	return ""
}

// operation reads what follows the first operator.
func (p *classParser) operation(set classSet, operator string, depth int) (classSet, error) {
	for {
		operand, err := p.operand(depth, false)
		if err != nil {
			return set, err
		}
		set = set.combined(operator, operand)
		switch {
		case p.at == len(p.text):
			return set, errClassEnd
		case p.take("]"):
			return set, nil
		case !p.take(operator):
			return set, errClassSet
		}
	}
}

// operand reads a class, a property, a list of strings or a character; in a
// union also a range of characters.
func (p *classParser) operand(depth int, ranges bool) (classSet, error) {
	rest := p.rest()
	switch {
	case rest == "":
		return classSet{}, errClassEnd
	case rest[0] == '[':
		return p.class(depth + 1)
	case strings.HasPrefix(rest, `\p`), strings.HasPrefix(rest, `\P`):
		found, length, err := propertyEscape(rest)
		p.at += length
		return classSet{ranges: found}, err
	case strings.HasPrefix(rest, `\q{`):
		return p.list()
	case len(rest) > 1 && rest[0] == '\\' && shorthands[rest[1]] != nil:
		p.at += 2
		return classSet{ranges: shorthands[rest[1]]}, nil
	}
	low, err := p.character()
	if err != nil {
		return classSet{}, err
	}
	high := low
	if ranges && strings.HasPrefix(p.rest(), "-") && !strings.HasPrefix(p.rest(), "--") {
		p.at++
		if high, err = p.character(); err != nil {
			return classSet{}, err
		}
		if high < low {
			return classSet{}, errClassRange
		}
	}
	return classSet{ranges: []runeRange{{low, high}}}, nil
}

// shorthands are \d, \s, \w and their opposites.
var shorthands = func() map[byte][]runeRange {
	digits := []runeRange{{'0', '9'}}
	words := []runeRange{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	spaces := []runeRange{{9, 13}, {32, 32}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff}}
	return map[byte][]runeRange{
		'd': digits, 'w': words, 's': spaces, 'D': complement(digits), 'W': complement(words), 'S': complement(spaces),
	}
}()

// list reads \q{a|bc}.
func (p *classParser) list() (classSet, error) {
	p.at += len(`\q{`)
	var set classSet
	for text := ""; ; {
		switch {
		case p.at == len(p.text):
			return set, errClassEnd
		case strings.HasPrefix(p.rest(), "|"), strings.HasPrefix(p.rest(), "}"):
			if r, size := utf8.DecodeRuneInString(text); size > 0 && size == len(text) {
				set = set.combined("", classSet{ranges: []runeRange{{r, r}}})
			} else {
				set = set.combined("", classSet{strings: []string{text}})
			}
			text = ""
			if p.at++; p.text[p.at-1] == '}' {
				return set, nil
			}
		default:
			r, err := p.character()
			if err != nil {
				return set, err
			}
			text += string(r)
		}
	}
}

const (
	classSyntax  = `()[]{}/-\|`
	classEscapes = `^$\.*+?()[]{}|/-&!#%,:;<=>@` + "`~"
	doubled      = "&!#$%*+,.:;<=>?@^`~"
)

var controls = map[byte]rune{'b': 8, 't': 9, 'n': 10, 'v': 11, 'f': 12, 'r': 13, '0': 0}

// character reads one code point, escaped or not.
func (p *classParser) character() (rune, error) {
	rest := p.rest()
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case rest == "":
		return 0, errClassEnd
	case r != '\\':
		if strings.ContainsRune(classSyntax, r) || len(rest) > 1 && rest[0] == rest[1] && strings.ContainsRune(doubled, r) {
			return 0, errClassChar
		}
		p.at += size
		return r, nil
	case len(rest) == 1:
		return 0, errClassEnd
	}
	return p.escape(rest)
}

// escape reads the escape that rest begins with.
func (p *classParser) escape(rest string) (rune, error) {
	p.at += 2
	c := rest[1]
	if r, known := controls[c]; known {
		if c == '0' && len(rest) > 2 && rest[2] >= '0' && rest[2] <= '9' {
			return 0, errClassChar
		}
		return r, nil
	}
	switch {
	case c == 'c' && len(rest) > 2 && (rest[2]|0x20 >= 'a' && rest[2]|0x20 <= 'z'):
		p.at++
		return rune(rest[2] & 31), nil
	case c == 'x':
		return p.hex(2)
	case c == 'u' && p.take("{"):
		end := strings.IndexByte(p.rest(), '}')
		if end < 1 {
			return 0, errClassChar
		}
		r, err := p.hex(end)
		p.at++
		return r, err
	case c == 'u':
		return p.unit()
	case strings.IndexByte(classEscapes, c) >= 0:
		return rune(c), nil
	}
	return 0, fmt.Errorf("%w: \\%c", errClassChar, c)
}

// unit reads \uXXXX, and the other half of a pair.
func (p *classParser) unit() (rune, error) {
	high, err := p.hex(4)
	if err != nil || high < 0xd800 || high > 0xdbff {
		return high, err
	}
	from := p.at
	if p.take(`\u`) {
		if low, err := p.hex(4); err == nil && low >= 0xdc00 && low <= 0xdfff {
			return (high-0xd800)<<10 + (low - 0xdc00) + 0x10000, nil
		}
	}
	p.at = from
	return high, nil
}

func (p *classParser) hex(digits int) (rune, error) {
	if len(p.rest()) < digits {
		return 0, errClassChar
	}
	n, err := strconv.ParseUint(p.rest()[:digits], 16, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, errClassChar
	}
	p.at += digits
	return rune(n), nil
}
