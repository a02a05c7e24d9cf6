package decisions

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEveryDecisionSaysWhatWhyAndWhatWouldChangeIt(t *testing.T) {
	files, err := filepath.Glob("[0-9]*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no decision found: %v", err)
	}
	slices.Sort(files)
	for i, name := range files {
		if want := fmt.Sprintf("%04d-", i+1); !strings.HasPrefix(name, want) {
			t.Errorf("%s: the number should be %s", name, want)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, head := range []string{"# ", "## Decision", "## Why", "## What would change it"} {
			if !strings.Contains("\n"+string(b), "\n"+head) {
				t.Errorf("%s: no %q", name, head)
			}
		}
	}
}
