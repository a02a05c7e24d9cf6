package db_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/plumbline-net/plumbline/internal/db"
)

func counts(t testing.TB, d *db.DB) map[string]int64 {
	t.Helper()
	n, err := d.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// grep names the words that lie in a file of dir, and where.
func grep(t testing.TB, dir string, words ...string) []string {
	t.Helper()
	var out []string
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files of %s: %v, %v", dir, files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				out = append(out, filepath.Base(f)+": "+w)
			}
		}
	}
	return out
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) == 0 {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}
