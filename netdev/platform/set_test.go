package platform

import "testing"

func TestEveryBuiltinFileLoads(t *testing.T) {
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.IDs()) == 0 {
		t.Fatal("no platform in the binary")
	}
	for _, id := range s.IDs() {
		if p, ok := s.Get(id); !ok || p.Title == "" {
			t.Errorf("%s: no title", id)
		}
	}
}
