package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestExcludedTargetsAreNotTakenForFlags(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"address":        {"-192.0.2.1", "!192.0.2.1"},
		"prefix":         {"-192.0.2.0/24", "!192.0.2.0/24"},
		"range":          {"-192.0.2.1-192.0.2.9", "!192.0.2.1-192.0.2.9"},
		"file":           {"-@not.txt", "!@not.txt"},
		"ipv6":           {"-2001:db8::1", "!2001:db8::1"},
		"short-flag":     {"-v", "-v"},
		"long-flag":      {"--json", "--json"},
		"standard-input": {"-", "-"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := rewriteExcludes([]string{tc.in}); !slices.Equal(got, []string{tc.want}) {
				t.Errorf("rewriteExcludes(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestDeviceTextCannotSteerATerminal(t *testing.T) {
	if got, want := printable("a\x1b[2Jb\u202ec"), `a\u001b[2Jb\u202ec`; got != want {
		t.Errorf("printable = %q, want %q", got, want)
	}
}

func TestEveryCommandWritesTheProfilesItIsAskedFor(t *testing.T) {
	cpu, mem, bad := filepath.Join(t.TempDir(), "c"), filepath.Join(t.TempDir(), "m"), filepath.Join(t.TempDir(), "no", "x")
	if _, code, err := ask(t, "history", "x", "--data", t.TempDir(), "--cpuprofile", cpu, "--memprofile", mem); code != 2 {
		t.Fatalf("exit %d, %v", code, err)
	}
	for _, f := range []string{cpu, mem} {
		if b, err := os.ReadFile(f); err != nil || len(b) < 10 {
			t.Errorf("%s of a command that failed: %d bytes, %v", filepath.Base(f), len(b), err)
		}
	}
	if _, code, _ := ask(t, "version", "--cpuprofile", bad); code != 2 {
		t.Errorf("a profile that cannot be written: exit %d, want 2", code)
	}
}
