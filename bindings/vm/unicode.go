package vm

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// expandUnicode writes out the property escapes \p{…} and \P{…} of a pattern
// with the u flag as explicit ranges, from Go's tables.
func expandUnicode(pattern string) (string, error) {
	if !strings.Contains(pattern, `\p{`) && !strings.Contains(pattern, `\P{`) {
		return pattern, nil
	}
	var out strings.Builder
	inClass := false
	for i := 0; i < len(pattern); {
		switch {
		case pattern[i] == '\\' && i+2 < len(pattern) && (pattern[i+1] == 'p' || pattern[i+1] == 'P') && pattern[i+2] == '{':
			end := strings.IndexByte(pattern[i:], '}')
			if end < 0 {
				return "", fmt.Errorf("unterminated property escape")
			}
			ranges, err := propertyRanges(pattern[i+3:i+end], pattern[i+1] == 'P')
			if err != nil {
				return "", err
			}
			writeRanges(&out, ranges, inClass)
			i += end + 1
			continue
		case pattern[i] == '\\' && i+1 < len(pattern):
			out.WriteString(pattern[i : i+2])
			i += 2
			continue
		case pattern[i] == '[':
			inClass = true
		case pattern[i] == ']':
			inClass = false
		}
		out.WriteByte(pattern[i])
		i++
	}
	return out.String(), nil
}

type runeRange struct{ low, high rune }

func writeRanges(out *strings.Builder, ranges []runeRange, inClass bool) {
	if !inClass {
		out.WriteByte('[')
		defer out.WriteByte(']')
	}
	for _, r := range ranges {
		fmt.Fprintf(out, `\u{%x}`, r.low)
		if r.high > r.low {
			fmt.Fprintf(out, `-\u{%x}`, r.high)
		}
	}
}

// propertyRanges are the code points of a property, or all the others.
func propertyRanges(name string, negate bool) ([]runeRange, error) {
	tables, err := propertyTables(name)
	if err != nil {
		return nil, err
	}
	var ranges []runeRange
	for _, table := range tables {
		ranges = appendTable(ranges, table)
	}
	ranges = merge(ranges)
	if negate {
		ranges = complement(ranges)
	}
	return ranges, nil
}

func appendTable(ranges []runeRange, table *unicode.RangeTable) []runeRange {
	add := func(low, high, stride rune) {
		if stride == 1 {
			ranges = append(ranges, runeRange{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			ranges = append(ranges, runeRange{r, r})
		}
	}
	for _, r := range table.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range table.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return ranges
}

func merge(ranges []runeRange) []runeRange {
	sort.Slice(ranges, func(i, j int) bool { return ranges[i].low < ranges[j].low })
	merged := ranges[:0]
	for _, r := range ranges {
		if last := len(merged) - 1; last >= 0 && r.low <= merged[last].high+1 {
			merged[last].high = max(merged[last].high, r.high)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

func complement(ranges []runeRange) []runeRange {
	var others []runeRange
	next := rune(0)
	for _, r := range ranges {
		if r.low > next {
			others = append(others, runeRange{next, r.low - 1})
		}
		next = r.high + 1
	}
	if next <= unicode.MaxRune {
		others = append(others, runeRange{next, unicode.MaxRune})
	}
	return others
}

// longCategories are the long names of general categories.
var longCategories = map[string]string{
	"Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
	"Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn",
	"Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
	"Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc",
	"Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi",
	"Final_Punctuation": "Pf", "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
	"Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl",
	"Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "Format": "Cf", "Surrogate": "Cs", "Private_Use": "Co",
}

// derived are properties that Go's tables hold only in parts.
var derived = map[string][]*unicode.RangeTable{
	"Any":          {{R32: []unicode.Range32{{Lo: 0, Hi: unicode.MaxRune, Stride: 1}}}},
	"ASCII":        {{R16: []unicode.Range16{{Lo: 0, Hi: 0x7f, Stride: 1}}}},
	"Alphabetic":   {unicode.L, unicode.Nl, unicode.Other_Alphabetic},
	"Uppercase":    {unicode.Lu, unicode.Other_Uppercase},
	"Lowercase":    {unicode.Ll, unicode.Other_Lowercase},
	"Math":         {unicode.Sm, unicode.Other_Math},
	"ID_Start":     {unicode.L, unicode.Nl, unicode.Other_ID_Start},
	"ID_Continue":  {unicode.L, unicode.Nl, unicode.Other_ID_Start, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue},
	"LC":           {unicode.Lu, unicode.Ll, unicode.Lt},
	"Cased_Letter": {unicode.Lu, unicode.Ll, unicode.Lt},
}

var shortProperties = map[string]string{
	"Alpha": "Alphabetic", "Upper": "Uppercase", "Lower": "Lowercase", "IDS": "ID_Start", "IDC": "ID_Continue",
	"space": "White_Space", "Hex": "Hex_Digit", "AHex": "ASCII_Hex_Digit", "Dash": "Dash", "Ideo": "Ideographic",
}

func propertyTables(name string) ([]*unicode.RangeTable, error) {
	key, value, hasValue := strings.Cut(name, "=")
	if hasValue {
		switch key {
		case "General_Category", "gc":
			return categoryTables(value, name)
		case "Script", "sc", "Script_Extensions", "scx":
			if table, known := unicode.Scripts[value]; known {
				return []*unicode.RangeTable{table}, nil
			}
		}
		return nil, unknownProperty(name)
	}
	if long, known := shortProperties[name]; known {
		name = long
	}
	if tables, known := derived[name]; known {
		return tables, nil
	}
	if table, known := unicode.Properties[name]; known {
		return []*unicode.RangeTable{table}, nil
	}
	return categoryTables(name, name)
}

func categoryTables(value, name string) ([]*unicode.RangeTable, error) {
	if short, known := longCategories[value]; known {
		value = short
	}
	if tables, known := derived[value]; known {
		return tables, nil
	}
	if table, known := unicode.Categories[value]; known {
		return []*unicode.RangeTable{table}, nil
	}
	return nil, unknownProperty(name)
}

func unknownProperty(name string) error {
	return fmt.Errorf("the property \\p{%s} is not supported: use categories (\\p{L}), scripts (\\p{Script=Greek}) or explicit ranges", name)
}
