package core

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// isObject says whether valid JSON text is an object.
func isObject(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && text[0] == '{'
}

func isNull(text []byte) bool { return string(bytes.TrimSpace(text)) == "null" }

// objectOr gives text if it is a JSON object, and otherwise the given text.
func objectOr(text []byte, otherwise string) []byte {
	if isObject(text) {
		return text
	}
	return []byte(otherwise)
}

// hasEscapedNUL says whether JSON text has a string with the escape \u0000,
// which the real engine cannot store.
func hasEscapedNUL(text []byte) bool {
	for i := 0; i+6 <= len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if string(text[i:i+6]) == `\u0000` {
			return true
		}
		i++ // the escaped character, so that \\u0000 is not taken for one
	}
	return false
}

// appendQuoted appends s as a JSON string.
func appendQuoted(out []byte, s string) []byte {
	if plainASCII(s) {
		out = append(out, '"')
		out = append(out, s...)
		return append(out, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil { // strings always marshal
		return strconv.AppendQuote(out, s)
	}
	return append(out, quoted...)
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if b := s[i]; b < 0x20 || b >= 0x7f || b == '"' || b == '\\' || b == '<' || b == '>' || b == '&' {
			return false
		}
	}
	return true
}

// checkJSON checks JSON text from outside; empty text is allowed.
func checkJSON(field, text string) *Error {
	switch {
	case text == "":
		return nil
	case !json.Valid([]byte(text)):
		return errorf(InvalidArgument, "Invalid request: %s must be valid JSON", field)
	case hasEscapedNUL([]byte(text)):
		return errorf(InvalidArgument, `Invalid request: %s must not contain the null character \u0000`, field)
	}
	return nil
}

// checkObject is checkJSON for texts that must be an object, or null.
func checkObject(field, text string) *Error {
	if err := checkJSON(field, text); err != nil {
		return err
	}
	if text == "" || isObject([]byte(text)) || string(bytes.TrimSpace([]byte(text))) == "null" {
		return nil
	}
	return errorf(InvalidArgument, "Invalid request: %s must be a JSON object", field)
}
