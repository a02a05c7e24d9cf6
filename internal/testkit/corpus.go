// Package testkit helps tests find the recorded devices, captures and
// configurations that lie beside the repository, and its own root. It refuses
// to hold any of them.
package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// Root gives the folder of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
}

// Corpus gives a path in the recorded corpus: ../shared/corpus beside the
// repository, or $PLUMBLINE_SHARED/corpus. Where it is absent the test is
// skipped; in CI that is a failure.
func Corpus(t testing.TB, parts ...string) string {
	t.Helper()
	shared := os.Getenv("PLUMBLINE_SHARED")
	if shared == "" {
		shared = filepath.Join(Root(t), "..", "shared")
	}
	path := filepath.Join(append([]string{shared, "corpus"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the recorded corpus is missing: %v", err)
		}
		t.Skipf("the recorded corpus is not here: %v", err)
	}
	return path
}
