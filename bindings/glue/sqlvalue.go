package glue

import (
	"fmt"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/hatchet-js/hatchet-js-worker/bindings/glue/database"
	"github.com/hatchet-js/hatchet-js-worker/bindings/native"
	"github.com/hatchet-js/hatchet-js-worker/bindings/value"
)

// sqlArgument reads a parameter: nil, bool, int64, float64, *big.Int, string,
// []byte, time.Time, [database.JSON], or a []any of those.
func sqlArgument(h *native.Host, v goja.Value, what string, i int) any {
	switch {
	case v == nil || goja.IsUndefined(v):
		native.Throw(h.Runtime, "%s: parameter %d is undefined; use null", what, i+1)
	case goja.IsNull(v):
		return nil
	case goja.IsString(v):
		return v.String()
	case goja.IsBigInt(v):
		return bigArgument(v)
	case goja.IsNumber(v):
		if f := v.ToFloat(); f != float64(int64(f)) || f > maxSafe || f < -maxSafe {
			return f
		}
		return v.ToInteger()
	}
	object, ok := v.(*goja.Object)
	if !ok {
		if _, symbol := v.(*goja.Symbol); symbol {
			native.Throw(h.Runtime, "%s: parameter %d is a symbol", what, i+1)
		}
		return v.ToBoolean()
	}
	return objectArgument(h, object, what, i)
}

func objectArgument(h *native.Host, object *goja.Object, what string, i int) any {
	if data, ok := native.Bytes(object); ok {
		return append([]byte{}, data...)
	}
	if object.ClassName() == "Date" {
		if at, ok := object.Export().(time.Time); ok && !strings.HasPrefix(object.String(), "Invalid") {
			return at.UTC()
		}
		native.Throw(h.Runtime, "%s: parameter %d is an invalid Date", what, i+1)
	}
	if native.IsArray(object) {
		list := []any{}
		for _, item := range native.Elements(h.Runtime, object, what) {
			list = append(list, sqlArgument(h, item, what, i))
		}
		return list
	}
	return jsonArgument(h, object, what, i)
}

func bigArgument(v goja.Value) any {
	n, ok := new(big.Int).SetString(v.String(), 10)
	if ok && n.IsInt64() {
		return n.Int64()
	}
	return n
}

func jsonArgument(h *native.Host, object *goja.Object, what string, i int) any {
	if !native.IsPlain(object) && object.Get("toJSON") == nil {
		native.Throw(h.Runtime, "%s: parameter %d is %s; make a text, an object or an array of it", what, i+1, native.Describe(object))
	}
	text, err := value.Stringify(h.Runtime, object)
	if err != nil {
		native.Throw(h.Runtime, "%s: parameter %d: %v", what, i+1, err)
	}
	return database.JSON(text)
}

// sqlTable are rows on their way to a script.
type sqlTable struct {
	columns []string
	rows    [][]any
}

// check refuses two columns of one name, of which an object would hold one.
func (t *sqlTable) check() error {
	for i, name := range t.columns {
		for _, other := range t.columns[:i] {
			if name == other {
				return &database.Error{Code: "DUPLICATE_COLUMN", Err: fmt.Errorf("two columns are named %q: name one with AS", name)}
			}
		}
	}
	return nil
}

func (t *sqlTable) array(h *native.Host) goja.Value {
	list := make([]any, len(t.rows))
	for i, row := range t.rows {
		list[i] = t.object(h, row)
	}
	return h.Runtime.NewArray(list...)
}

func (t *sqlTable) object(h *native.Host, row []any) goja.Value {
	object := h.Runtime.NewObject()
	for i, cell := range row {
		if name, v := t.columns[i], sqlValue(h, cell); name == "__proto__" {
			_ = object.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		} else {
			_ = object.Set(name, v) // a fresh object takes any
		}
	}
	return object
}

// sqlValue is what scripts see of a column's value.
func sqlValue(h *native.Host, cell any) goja.Value {
	switch v := cell.(type) {
	case nil:
		return goja.Null()
	case int64:
		return wholeNumberOf(h, v)
	case uint64:
		return exact(h, new(big.Int).SetUint64(v))
	case string:
		if !utf8.ValidString(v) {
			v = strings.ToValidUTF8(v, "\ufffd")
		}
		return h.Runtime.ToValue(v)
	case []byte:
		return h.Buffer(v)
	case time.Time:
		return dateOf(h, v)
	case database.JSON:
		decoded, err := value.Decode(h.Runtime, []byte(v))
		if err != nil {
			return h.Runtime.ToValue(string(v))
		}
		return decoded
	}
	return h.Runtime.ToValue(cell)
}

// dateOf makes a Date.
func dateOf(h *native.Host, at time.Time) goja.Value {
	date, err := h.Runtime.New(h.Runtime.Get("Date"), h.Runtime.ToValue(at.UnixMilli()))
	if err != nil {
		panic(err)
	}
	return date
}
