package auth

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// Control E14: length, words that are tried first.
func TestE14WeakPasswordsAreRefused(t *testing.T) {
	tests := map[string]struct {
		password string
		ok       bool
	}{
		"long-and-odd":        {"violet kettle orbit 9", true},
		"twelve-random":       {"g7#Kp2!vQz9w", true},
		"letters-of-others":   {"ширитрансформ", true},
		"eleven":              {"g7#Kp2!vQz9", false},
		"empty":               {"", false},
		"too-long":            {strings.Repeat("ab cd ef gh ", 30), false},
		"common":              {"passwordpassword", false},
		"common-with-digits":  {"Password12345", false},
		"common-with-swaps":   {"P4$$w0rd2024!", false},
		"common-with-dashes":  {"--change-me-now--", false},
		"name-of-the-product": {"Plumbline2026!", false},
		"one-character":       {"aaaaaaaaaaaaa", false},
		"four-characters":     {"abababcdcdcd", false},
		"digits":              {"123456789012", false},
		"digits-backwards":    {"987654321098", false},
		"keyboard":            {"qwertyuiopas", false},
		"alphabet":            {"cdefghijklmnop", false},
		"the-name":            {"margarethe2026", false},
		"not-text":            {"\xff\xfe1234567890ab", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			err := CheckPassword(tc.password, "margarethe")
			if (err == nil) != tc.ok {
				t.Errorf("CheckPassword(%q) = %v, want accepted: %v", tc.password, err, tc.ok)
			}
			if tc.password != "" && err != nil && strings.Contains(err.Error(), tc.password) {
				t.Error("the refusal repeats the password")
			}
		})
	}
}

func TestHashIsCheckedAndAnOldOneIsMadeAnew(t *testing.T) {
	h := newHasher()
	stored, err := h.make(t.Context(), "correct")
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{"correct": true, "Correct": false, "": false} {
		ok, rehash, err := h.check(t.Context(), password, stored)
		if ok != want || rehash || err != nil {
			t.Errorf("check(%q) = %v, %v, %v", password, ok, rehash, err)
		}
	}
	if ok, _, err := h.check(t.Context(), "", h.dummy()); ok || err != nil {
		t.Errorf("the dummy hash has a password (%v)", err)
	}
	weak := params{memory: 8 * 1024, time: 1, lanes: 1, salt: make([]byte, 16), hash: make([]byte, 32)}
	sum, err := h.compute(t.Context(), "correct", weak)
	if err != nil {
		t.Fatal(err)
	}
	weak.hash = sum
	if ok, rehash, err := h.check(t.Context(), "correct", weak.String()); !ok || !rehash || err != nil {
		t.Errorf("an old hash: ok %v, rehash %v, %v", ok, rehash, err)
	}
}

func TestHashingWaitsNoLongerThanItsCaller(t *testing.T) {
	h := newHasher()
	h.turn <- struct{}{}
	h.turn <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.make(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}

func FuzzStoredHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$AA$AA")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err == nil && (p.memory > maxArgonMemory || p.time > maxArgonTime || p.time < 1 || p.lanes < 1) {
			t.Errorf("%q asks for more than this machine should give: %+v", s, p)
		}
	})
}
