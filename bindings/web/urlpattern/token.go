package urlpattern

import (
	"fmt"
	"unicode"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenOpen
	tokenClose
	tokenRegexp
	tokenName
	tokenChar
	tokenEscaped
	tokenModifier // ? or +
	tokenAsterisk
	tokenInvalid
)

// token is a part of a pattern, at an index into its code points.
type token struct {
	kind  tokenKind
	index int
	value string
}

// tokenizer splits a pattern. A lenient one makes tokens of what is wrong: it is
// used to find the components of a whole URL, each of which is read again.
type tokenizer struct {
	input   []rune
	lenient bool
	tokens  []token
}

var single = map[rune]tokenKind{'*': tokenAsterisk, '+': tokenModifier, '?': tokenModifier, '{': tokenOpen, '}': tokenClose}

func tokenize(input []rune, lenient bool) ([]token, error) {
	t := &tokenizer{input: input, lenient: lenient}
	for i := 0; i < len(input); {
		next, err := t.next(i)
		if err != nil {
			return nil, err
		}
		i = next
	}
	return append(t.tokens, token{tokenEnd, len(input), ""}), nil
}

// next reads the token at i and gives the index after it.
func (t *tokenizer) next(i int) (int, error) {
	c := t.input[i]
	if kind, known := single[c]; known {
		return t.add(kind, i, i, i+1), nil
	}
	switch c {
	case '\\':
		if i+1 == len(t.input) {
			return t.wrong(i, i+1, "a backslash at the end")
		}
		return t.add(tokenEscaped, i, i+1, i+2), nil
	case ':':
		end := i + 1
		for end < len(t.input) && nameRune(t.input[end], end == i+1) {
			end++
		}
		if end == i+1 {
			return t.wrong(i, end, "a colon without a name")
		}
		return t.add(tokenName, i, i+1, end), nil
	case '(':
		end, problem := t.group(i + 1)
		if problem != "" {
			return t.wrong(i, i+1, problem)
		}
		t.add(tokenRegexp, i, i+1, end-1)
		return end, nil
	}
	return t.add(tokenChar, i, i, i+1), nil
}

func (t *tokenizer) add(kind tokenKind, index, from, to int) int {
	t.tokens = append(t.tokens, token{kind, index, string(t.input[from:to])})
	return to
}

func (t *tokenizer) wrong(i, next int, problem string) (int, error) {
	if !t.lenient {
		return 0, fmt.Errorf("%s at character %d of %q", problem, i+1, string(t.input))
	}
	return t.add(tokenInvalid, i, i, next), nil
}

// group finds the end of a regular expression in parentheses that begins at
// start. The groups in it capture nothing.
func (t *tokenizer) group(start int) (end int, problem string) {
	depth := 1
	for i := start; i < len(t.input); i++ {
		c := t.input[i]
		switch {
		case c > unicode.MaxASCII:
			return 0, "a regular expression with a character that is not ASCII"
		case c == '?' && i == start:
			return 0, "a regular expression that begins with ?"
		case c == '\\':
			if i++; i == len(t.input) || t.input[i] > unicode.MaxASCII {
				return 0, "an incomplete escape in a regular expression"
			}
		case c == '(':
			if depth++; i+1 == len(t.input) || t.input[i+1] != '?' {
				return 0, "a capturing group in a regular expression"
			}
		case c == ')':
			if depth--; depth > 0 {
				continue
			}
			if i == start {
				return 0, "an empty regular expression"
			}
			return i + 1, ""
		}
	}
	return 0, "a regular expression without its closing parenthesis"
}

// nameRune tells whether a name may have r, as its first character or later: as
// identifiers of JavaScript.
func nameRune(r rune, first bool) bool {
	if r == '$' || r == '_' || unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start) {
		return true
	}
	return !first && (r == '\u200c' || r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue))
}
