package vm

import (
	"fmt"
	"strings"
	"unicode"
)

// property is the code points that \p{name} stands for. What cannot be answered
// right is an error.
func property(name string) ([]runeRange, error) {
	key, value, hasValue := strings.Cut(name, "=")
	if !hasValue {
		return binaryProperty(name)
	}
	switch key {
	case "General_Category", "gc":
		if ranges, known := category(value); known {
			return ranges, nil
		}
	case "Script", "sc":
		if long, known := scriptAliases[value]; known {
			value = long
		}
		if table, known := unicode.Scripts[value]; known {
			return tables(table), nil
		}
	}
	return nil, unknownProperty(name)
}

func binaryProperty(name string) ([]runeRange, error) {
	if ranges, known := category(name); known {
		return ranges, nil
	}
	long := name
	if alias, known := propertyAliases[name]; known {
		long = alias
	}
	if ranges, known := emoji[long]; known {
		return ranges, nil
	}
	if derive, known := derived[long]; known {
		return derive(), nil
	}
	if table, known := unicode.Properties[long]; known && !strings.HasPrefix(long, "Other_") {
		return tables(table), nil
	}
	return nil, unknownProperty(name)
}

// category is the code points of a general category, by its short or long name.
func category(name string) ([]runeRange, bool) {
	if short, known := unicode.CategoryAliases[name]; known {
		name = short
	}
	table, known := unicode.Categories[name]
	if !known {
		return nil, false
	}
	return tables(table), true
}

// derived are properties that Go's tables hold only in parts, put together as
// Unicode defines them.
var derived = map[string]func() []runeRange{
	"Any":      func() []runeRange { return []runeRange{{0, unicode.MaxRune}} },
	"Assigned": func() []runeRange { return complement(tables(unicode.Cn)) },
	"ASCII":    func() []runeRange { return []runeRange{{0, 0x7f}} },
	"Alphabetic": func() []runeRange {
		return tables(unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.Other_Lowercase, unicode.Other_Uppercase)
	},
	"Uppercase": func() []runeRange { return tables(unicode.Lu, unicode.Other_Uppercase) },
	"Lowercase": func() []runeRange { return tables(unicode.Ll, unicode.Other_Lowercase) },
	"Cased": func() []runeRange {
		return tables(unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
	},
	"Math":            func() []runeRange { return tables(unicode.Sm, unicode.Other_Math) },
	"Grapheme_Extend": graphemeExtend,
	"Grapheme_Base": func() []runeRange {
		return complement(union(graphemeExtend(), tables(unicode.C, unicode.Zl, unicode.Zp)))
	},
	"ID_Start": func() []runeRange { return without(tables(identifierStart...), patternSyntax()) },
	"ID_Continue": func() []runeRange {
		return without(union(tables(identifierStart...), tables(unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)), patternSyntax())
	},
	"Default_Ignorable_Code_Point": func() []runeRange {
		ignorable := tables(unicode.Other_Default_Ignorable_Code_Point, unicode.Cf, unicode.Variation_Selector)
		visible := []runeRange{{0xfff9, 0xfffb}, {0x13430, 0x1343f}} // annotations, hieroglyph joiners
		return without(ignorable, union(visible, tables(unicode.White_Space, unicode.Prepended_Concatenation_Mark)))
	},
}

var identifierStart = []*unicode.RangeTable{unicode.L, unicode.Nl, unicode.Other_ID_Start}

func patternSyntax() []runeRange {
	return tables(unicode.Pattern_Syntax, unicode.Pattern_White_Space)
}

func graphemeExtend() []runeRange {
	return tables(unicode.Me, unicode.Mn, unicode.Other_Grapheme_Extend)
}

// propertyAliases are the short names of properties.
var propertyAliases = map[string]string{
	"AHex": "ASCII_Hex_Digit", "Alpha": "Alphabetic", "Bidi_C": "Bidi_Control", "DI": "Default_Ignorable_Code_Point", "Dep": "Deprecated",
	"Dia": "Diacritic", "Ext": "Extender", "Gr_Base": "Grapheme_Base", "Gr_Ext": "Grapheme_Extend", "Hex": "Hex_Digit",
	"IDC": "ID_Continue", "IDS": "ID_Start", "IDSB": "IDS_Binary_Operator", "IDST": "IDS_Trinary_Operator", "Ideo": "Ideographic",
	"Join_C": "Join_Control", "LOE": "Logical_Order_Exception", "Lower": "Lowercase", "NChar": "Noncharacter_Code_Point",
	"Pat_Syn": "Pattern_Syntax", "Pat_WS": "Pattern_White_Space", "QMark": "Quotation_Mark", "RI": "Regional_Indicator",
	"STerm": "Sentence_Terminal", "SD": "Soft_Dotted", "Term": "Terminal_Punctuation", "UIdeo": "Unified_Ideograph", "Upper": "Uppercase",
	"VS": "Variation_Selector", "space": "White_Space", "EBase": "Emoji_Modifier_Base", "EComp": "Emoji_Component",
	"EMod": "Emoji_Modifier", "EPres": "Emoji_Presentation", "ExtPict": "Extended_Pictographic",
}

func unknownProperty(name string) error {
	return fmt.Errorf(`the property \p{%s} is not supported: use categories (\p{L}), scripts (\p{Script=Greek}), \p{Emoji} or explicit ranges`, name)
}
