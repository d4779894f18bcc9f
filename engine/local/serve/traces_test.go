package serve

import "testing"

func TestCountSpans(t *testing.T) {
	for name, c := range map[string]struct {
		request string
		want    int
	}{
		"none":    {"", 0},
		"two":     {"\x0a\x06\x12\x04\x12\x00\x12\x00", 2},
		"others":  {"\x10\x01\x0a\x04\x0a\x02\x12\x00", 0},
		"cut off": {"\x0a\x06\x12\x04\x12", 0},
		"noise":   {"\xff\xff\xff", 0},
	} {
		if got := countSpans([]byte(c.request)); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
