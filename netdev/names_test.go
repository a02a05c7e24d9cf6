package netdev

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNamesAreInTheOrderPeopleCount(t *testing.T) {
	want := []string{"", "01", "1", "2", "10", "ber-acc1", "ber-acc2", "ber-acc10", "ber-core1", "Gi1/0/2", "gi1/0/2", "Gi1/0/10", "Gi2/0/1", "Gi10/0/1",
		"x18446744073709551616", "x18446744073709551617"}
	slices.SortFunc(want, CompareNames)
	for range 20 {
		got := slices.Clone(want)
		rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortFunc(got, CompareNames)
		if !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
	tests := map[string]struct {
		a, b string
		want int
	}{
		"numbers-by-value":          {"ber-acc2", "ber-acc10", -1},
		"ports-by-value":            {"Gi1/0/9", "Gi1/0/10", -1},
		"longer-than-any-integer":   {"x18446744073709551617", "x18446744073709551616", 1},
		"letters-before-length":     {"acc1", "core", -1},
		"shorter-first":             {"acc", "acc1", -1},
		"case-only-between-equals":  {"GI1", "gi1", -1},
		"case-after-numbers":        {"gi1", "GI2", -1},
		"zeros-only-between-equals": {"sw01", "sw1", -1},
		"zeros-do-not-make-it-less": {"sw010", "sw9", 1},
		"the-same-name":             {"ber-rt1", "ber-rt1", 0},
		"nothing-before-something":  {"", "a", -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := CompareNames(tt.a, tt.b); got != tt.want {
				t.Errorf("%q and %q: %d, want %d", tt.a, tt.b, got, tt.want)
			}
			if got := CompareNames(tt.b, tt.a); got != -tt.want {
				t.Errorf("turned: %d, want %d", got, -tt.want)
			}
		})
	}
}
