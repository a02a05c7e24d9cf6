package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore/blob"
)

type keys struct{}

func (keys) Derive(device, label string) ([]byte, error) {
	sum := sha256.Sum256([]byte(device + "|" + label))
	return sum[:], nil
}

type place struct {
	revision string
	class    blob.Class
}

// rows keeps blobs in memory.
type rows map[place]blob.Row

func (m rows) Blob(_ context.Context, revision string, class blob.Class) (blob.Row, error) {
	r, ok := m[place{revision, class}]
	if !ok {
		return r, blob.ErrNone
	}
	return r, nil
}

func (m rows) SaveBlob(_ context.Context, r blob.Row) error {
	m[place{r.Revision, r.Class}] = r
	return nil
}

// lines makes a text of n lines that do not compress away.
func lines(rnd *rand.Rand, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("access-list 10%d permit ip host 10.%d.%d.%d any", i%10, rnd.IntN(256), rnd.IntN(256), rnd.IntN(256))
	}
	return out
}

func TestOldTextsAreSmallAndChainsEnd(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	m := rows{}
	s := blob.New(m, keys{})
	text := lines(rnd, 400)
	const n = 200
	want := map[string]string{}
	previous := ""
	for i := range n {
		text[rnd.IntN(len(text))] = fmt.Sprintf("changed at %d", i)
		id := fmt.Sprintf("r%03d", i)
		want[id] = strings.Join(text, "\n")
		raw := "! written at " + id + "\n" + want[id]
		if err := s.Put(t.Context(), blob.Content{Device: "d", Revision: id, Previous: previous, Text: []byte(want[id]), Raw: []byte(raw)}); err != nil {
			t.Fatal(err)
		}
		previous = id
	}
	whole, longest, chain := 0, 0, 0
	var deltas, raws int
	for i := n - 1; i >= 0; i-- {
		id := fmt.Sprintf("r%03d", i)
		r := m[place{id, blob.Text}]
		if r.Kind == blob.Whole {
			whole++
			chain = 0
		} else {
			chain++
			deltas += len(r.Body)
		}
		longest = max(longest, chain)
		raws += len(m[place{id, blob.Raw}].Body)
		if got, err := s.Text(t.Context(), "d", id); err != nil || string(got) != want[id] {
			t.Errorf("text of %s: %v", id, err)
		}
		if got, err := s.Raw(t.Context(), "d", id); err != nil || string(got) != "! written at "+id+"\n"+want[id] {
			t.Errorf("raw of %s: %v", id, err)
		}
	}
	if longest > blob.MaxChain || whole != 1+(n-1)/(blob.MaxChain+1) {
		t.Errorf("%d whole copies, longest chain %d, want %d and at most %d", whole, longest, 1+(n-1)/(blob.MaxChain+1), blob.MaxChain)
	}
	if avg := deltas / (n - whole); avg > 300 {
		t.Errorf("a delta of one changed line takes %d bytes on average, want at most 300", avg)
	}
	if avg := raws / n; avg > 300 {
		t.Errorf("a raw text that differs in one line takes %d bytes on average, want at most 300", avg)
	}
}

func TestRawThatEqualsTheTextCostsNoCopy(t *testing.T) {
	m := rows{}
	s := blob.New(m, keys{})
	text := []byte(strings.Join(lines(rand.New(rand.NewPCG(1, 1)), 500), "\n"))
	if err := s.Put(t.Context(), blob.Content{Device: "d", Revision: "r", Text: text, Raw: text}); err != nil {
		t.Fatal(err)
	}
	if r := m[place{"r", blob.Raw}]; r.Kind != blob.Same || len(r.Body) > 64 {
		t.Errorf("raw is %s of %d bytes, want a mark", r.Kind, len(r.Body))
	}
	if got, err := s.Raw(t.Context(), "d", "r"); err != nil || !bytes.Equal(got, text) {
		t.Errorf("raw: %v", err)
	}
}

func TestTextsOfEveryShapeComeBack(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	noise := make([]byte, 3<<20)
	rnd := rand.New(rand.NewPCG(2, 2))
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	long := lines(rnd, 60_000)
	acl := []byte(strings.Join(long, "\n"))
	long[5], long[30_000] = "x", "y"
	edited := []byte(strings.Join(long, "\n"))
	tests := map[string]struct{ old, new []byte }{
		"empty-then-some":   {nil, []byte("a")},
		"some-then-empty":   {[]byte("a\n"), nil},
		"every-byte":        {all, bytes.Repeat(all, 3)},
		"short-dictionary":  {[]byte("abc"), []byte("abcd")},
		"one-byte":          {[]byte{0}, []byte{0xff}},
		"large-noise":       {noise, noise[1<<20:]},
		"large-list":        {acl, edited},
		"large-to-small":    {noise, []byte("gone")},
		"repetition":        {bytes.Repeat([]byte("x"), 1<<20), bytes.Repeat([]byte("x"), 1<<19)},
		"without-final-end": {[]byte("a\nb"), []byte("a\nb\n")},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			m := rows{}
			s := blob.New(m, keys{})
			for i, text := range [][]byte{tc.old, tc.new} {
				c := blob.Content{Device: "d", Revision: fmt.Sprint(i), Text: text, Raw: append([]byte("raw "), text...)}
				if i > 0 {
					c.Previous = "0"
				}
				if err := s.Put(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			for i, want := range [][]byte{tc.old, tc.new} {
				got, err := s.Text(t.Context(), "d", fmt.Sprint(i))
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("text %d: %d bytes, %v, want %d", i, len(got), err, len(want))
				}
				got, err = s.Raw(t.Context(), "d", fmt.Sprint(i))
				if err != nil || !bytes.Equal(got, append([]byte("raw "), want...)) {
					t.Errorf("raw %d: %d bytes, %v", i, len(got), err)
				}
			}
			if name == "large-list" && len(m[place{"0", blob.Text}].Body) > 4000 {
				t.Errorf("two changed lines in 3 MB take %d bytes: the delta does not reach its base", len(m[place{"0", blob.Text}].Body))
			}
		})
	}
}

func TestBlobOpensNowhereElse(t *testing.T) {
	m := rows{}
	s := blob.New(m, keys{})
	for _, id := range []string{"a", "b"} {
		if err := s.Put(t.Context(), blob.Content{Device: "d", Revision: id, Text: []byte("same length " + id), Raw: []byte("raw " + id)}); err != nil {
			t.Fatal(err)
		}
	}
	good := m[place{"a", blob.Text}]
	tests := map[string]func(r *blob.Row){
		"body-of-another-revision": func(r *blob.Row) { r.Body = m[place{"b", blob.Text}].Body },
		"body-of-another-class":    func(r *blob.Row) { r.Body = m[place{"a", blob.Raw}].Body },
		"other-kind":               func(r *blob.Row) { r.Kind = blob.Delta; r.Base = "b" },
		"other-size":               func(r *blob.Row) { r.Size++ },
		"unknown-kind":             func(r *blob.Row) { r.Kind = "odd" },
		"cut":                      func(r *blob.Row) { r.Body = r.Body[:len(r.Body)-1] },
		"empty":                    func(r *blob.Row) { r.Body = nil },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			r := good
			change(&r)
			m[place{"a", blob.Text}] = r
			if got, err := s.Text(t.Context(), "d", "a"); !errors.Is(err, blob.ErrDamaged) || got != nil {
				t.Errorf("%q, %v, want ErrDamaged", got, err)
			}
			m[place{"a", blob.Text}] = good
			if got, err := s.Text(t.Context(), "other device", "a"); !errors.Is(err, blob.ErrDamaged) {
				t.Errorf("under another device's key: %q, %v, want ErrDamaged", got, err)
			}
		})
	}
	if _, err := s.Text(t.Context(), "d", "none"); !errors.Is(err, blob.ErrNone) {
		t.Errorf("revision without content: %v, want ErrNone", err)
	}
}

// FuzzPutThenRead puts two texts and their raw forms and reads all four again.
func FuzzPutThenRead(f *testing.F) {
	f.Add([]byte("a\nb\n"), []byte("a\nc\n"), []byte("! x\na\nc\n"))
	f.Add([]byte(nil), []byte{0, 255}, []byte("same"))
	f.Fuzz(func(t *testing.T, a, b, raw []byte) {
		s := blob.New(rows{}, keys{})
		if err := s.Put(t.Context(), blob.Content{Device: "d", Revision: "1", Text: a, Raw: raw}); err != nil {
			t.Fatal(err)
		}
		if err := s.Put(t.Context(), blob.Content{Device: "d", Revision: "2", Previous: "1", Text: b, Raw: raw}); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string][]byte{"1": a, "2": b} {
			if got, err := s.Text(t.Context(), "d", id); err != nil || !bytes.Equal(got, want) {
				t.Errorf("text %s: %q, %v, want %q", id, got, err, want)
			}
			if got, err := s.Raw(t.Context(), "d", id); err != nil || !bytes.Equal(got, raw) {
				t.Errorf("raw %s: %q, %v, want %q", id, got, err, raw)
			}
		}
	})
}

// FuzzSealedBodies opens bytes that a broken disk may hold, behind a seal that
// fits: what decompresses to anything but the promised size is damage.
func FuzzSealedBodies(f *testing.F) {
	f.Add([]byte{}, 0)
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x03, 0x19, 0, 0, 'a', 'b', 'c'}, 3)
	f.Fuzz(func(t *testing.T, frame []byte, size int) {
		if size < 0 || size > 1<<20 {
			return
		}
		body, err := blob.Seal(keys{}, "d", "raw", nil, frame)
		if err != nil {
			t.Fatal(err)
		}
		got, err := blob.OpenText(keys{}, "d", nil, body, size)
		if err == nil && len(got) > size {
			t.Errorf("%d bytes, want at most %d", len(got), size)
		}
		if err != nil && !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("error %v, want ErrDamaged", err)
		}
	})
}
