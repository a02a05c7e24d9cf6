package diff

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// apply builds the new text from the old one and the hunks.
func apply(t testing.TB, old []byte, d TextDiff) []byte {
	lines := strings.SplitAfter(string(old), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	var out strings.Builder
	at := 0
	for _, h := range d.Hunks {
		from := h.OldFrom - 1
		if h.OldCount == 0 {
			from++
		}
		for ; at < from; at++ {
			out.WriteString(lines[at])
		}
		newCount := 0
		for _, l := range h.Lines {
			text := l.Text
			if !l.NoEOL {
				text += "\n"
			}
			if l.Op != '+' {
				if at >= len(lines) || lines[at] != text {
					t.Fatalf("hunk %+v does not fit line %d", h, at+1)
				}
				if l.OldLine != at+1 {
					t.Fatalf("old line %d is told as %d", at+1, l.OldLine)
				}
				at++
			}
			if l.Op != '-' {
				out.WriteString(text)
				newCount++
			}
		}
		if newCount != h.NewCount {
			t.Fatalf("%d new lines, told %d", newCount, h.NewCount)
		}
	}
	for ; at < len(lines); at++ {
		out.WriteString(lines[at])
	}
	return []byte(out.String())
}

func TestHunksTurnTheOldTextIntoTheNewOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	words := []string{"!", " shutdown", "interface e1", "interface e2", "", "ntp server 192.0.2.1"}
	text := func() []byte {
		var b strings.Builder
		for range rng.IntN(40) {
			b.WriteString(words[rng.IntN(len(words))] + "\n")
		}
		if rng.IntN(3) == 0 {
			b.WriteString("open end")
		}
		return []byte(b.String())
	}
	for range 5000 {
		a, b := text(), text()
		d := Text(a, b, Options{Context: rng.IntN(5) - 1})
		if got := apply(t, a, d); !bytes.Equal(got, b) {
			t.Fatalf("%q to %q gave %q by\n%s", a, b, got, Unified(d, "a", "b"))
		}
		if d.Equal != bytes.Equal(a, b) {
			t.Fatalf("equal %v for %q and %q", d.Equal, a, b)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("b\nc"))
	f.Add([]byte("interface e1\n no shutdown\n!\ninterface e2\n"), []byte("interface e1\n!\ninterface e2\n no shutdown\n!"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		d := Text(a, b, Options{})
		if got := apply(t, a, d); !bytes.Equal(got, b) {
			t.Fatalf("got %q, want %q", got, b)
		}
		for _, h := range d.Hunks {
			for _, l := range h.Lines {
				for _, m := range l.Marks {
					if m[0] < 0 || m[0] >= m[1] || m[1] > len(l.Text) {
						t.Fatalf("mark %v in %q", m, l.Text)
					}
				}
			}
		}
	})
}

// large gives a configuration of n lines in which many lines repeat, and a
// copy with changes.
func large(n, changes int) (a, b []byte) {
	rng := rand.New(rand.NewPCG(3, 4))
	var lines []string
	for i := 0; len(lines) < n; i++ {
		lines = append(lines, fmt.Sprintf("interface Ethernet%d/%d", i/48, i%48), fmt.Sprintf(" description uplink %d", rng.IntN(n)), " switchport", fmt.Sprintf(" switchport access vlan %d", rng.IntN(40)), " no shutdown", "!")
	}
	lines = lines[:n]
	changed := append([]string(nil), lines...)
	for range changes {
		at := rng.IntN(len(changed))
		switch rng.IntN(3) {
		case 0:
			changed[at] += " x"
		case 1:
			changed = append(changed[:at], changed[at+1:]...)
		default:
			changed = append(changed[:at], append([]string{" switchport access vlan 7"}, changed[at:]...)...)
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n"), []byte(strings.Join(changed, "\n") + "\n")
}

func unrelated(n int) (a, b []byte) {
	text := func(name string) []byte {
		var s strings.Builder
		for i := range n {
			if i%3 == 0 {
				fmt.Fprintf(&s, "ntp server 192.0.2.%d\n", i%97)
				continue
			}
			fmt.Fprintf(&s, "%s line %d\n", name, i)
		}
		return []byte(s.String())
	}
	return text("left"), text("right")
}

func TestADiffIsNotLongerThanThatOfDiff(t *testing.T) {
	if _, err := exec.LookPath("diff"); err != nil {
		t.Skip("no diff on this system")
	}
	a, b := large(20000, 300)
	dir := t.TempDir()
	fa, fb := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for name, text := range map[string][]byte{fa: a, fb: b} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := exec.Command("diff", "-u", fa, fb).Output()
	want := 0
	for _, l := range strings.Split(string(out), "\n")[2:] {
		if l != "" && (l[0] == '+' || l[0] == '-') {
			want++
		}
	}
	d := Text(a, b, Options{})
	if got := d.Added + d.Removed; got*100 > want*101 {
		t.Errorf("%d changed lines, diff -u has %d", got, want)
	}
}

func TestPatchAppliesAUnifiedDiff(t *testing.T) {
	if _, err := exec.LookPath("patch"); err != nil {
		t.Skip("no patch on this system")
	}
	tests := map[string]struct{ a, b string }{
		"change":         {"a\nb\nc\n", "a\nx\nc\n"},
		"from-nothing":   {"", "a\nb\n"},
		"to-open-end":    {"a\nb\n", "a\nb"},
		"from-open-end":  {"a\nb", "a\nb\nc\n"},
		"two-hunks":      {"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "1\n3\n4\n5\n6\n7\n8\n9\n10\n11\nx\n12\n"},
		"removal-at-end": {"a\nb\nc\n", "a\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "f")
			if err := os.WriteFile(file, []byte(tc.a), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("patch", "--quiet", file)
			section := func(int) []string { return []string{"interface e1", "ip"} }
			cmd.Stdin = bytes.NewReader(Unified(Text([]byte(tc.a), []byte(tc.b), Options{OldSection: section, NewSection: section}), "a", "b"))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			got, err := os.ReadFile(file)
			if err != nil || string(got) != tc.b {
				t.Errorf("got %q, want %q (%v)", got, tc.b, err)
			}
		})
	}
}

func TestAnAddedBlockBeginsAtItsHeader(t *testing.T) {
	a := "interface e1\n no shutdown\n!\ninterface e3\n no shutdown\n!\n"
	b := "interface e1\n no shutdown\n!\ninterface e2\n no shutdown\n!\ninterface e3\n no shutdown\n!\n"
	var got []string
	for _, l := range Text([]byte(a), []byte(b), Options{}).Hunks[0].Lines {
		if l.Op == '+' {
			got = append(got, l.Text)
		}
	}
	if want := "interface e2| no shutdown|!"; strings.Join(got, "|") != want {
		t.Errorf("added %q, want %q", got, want)
	}
}

func TestWholeTokensAreMarked(t *testing.T) {
	d := Text([]byte("ip address 192.0.2.1 255.255.255.0\n"), []byte("ip address 192.0.2.19 255.255.255.0\n"), Options{})
	l := d.Hunks[0].Lines
	for i, want := range []string{"192.0.2.1", "192.0.2.19"} {
		if len(l[i].Marks) != 1 || l[i].Text[l[i].Marks[0][0]:l[i].Marks[0][1]] != want {
			t.Errorf("marks %v in %q, want %q", l[i].Marks, l[i].Text, want)
		}
	}
}

func BenchmarkTextOf20000LinesWith300Changes(b *testing.B) {
	x, y := large(20000, 300)
	b.ReportAllocs()
	for b.Loop() {
		Text(x, y, Options{})
	}
}

func BenchmarkTextOfUnrelatedFiles(b *testing.B) {
	x, y := unrelated(20000)
	b.ReportAllocs()
	for b.Loop() {
		Text(x, y, Options{})
	}
}

func BenchmarkTextOfEqualFiles(b *testing.B) {
	x, _ := large(20000, 0)
	y := append([]byte(nil), x...)
	for b.Loop() {
		Text(x, y, Options{})
	}
}
