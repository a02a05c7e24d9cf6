package platform

import "testing"

func BenchmarkBuiltinLoads(b *testing.B) {
	for b.Loop() {
		if _, err := Builtin(); err != nil {
			b.Fatal(err)
		}
	}
}
