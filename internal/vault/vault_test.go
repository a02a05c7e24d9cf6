package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/vault"
)

func store(t testing.TB, dir string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(dir, db.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func noEnv(string) string { return "" }

func unlock(t testing.TB, d *db.DB, dir string) *vault.Vault {
	t.Helper()
	v, err := vault.Unlock(t.Context(), d, vault.FindKey(dir, "", noEnv), vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFirstStartMakesAKeyThatItsOwnerAloneMayRead(t *testing.T) {
	dir := t.TempDir()
	unlock(t, store(t, dir), dir)
	st, err := os.Stat(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	if got := st.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".master-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind %v (%v)", left, err)
	}
}

func TestSealedValuesOpenAfterARestart(t *testing.T) {
	dir := t.TempDir()
	d := store(t, dir)
	v := unlock(t, d, dir)
	at := vault.Place{Table: "t", Row: "1", Field: "f"}
	sealed, err := v.Seal(vault.ClassCredential, at, []byte("keep me"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := v.Derive("dev1", "raw")
	if err != nil {
		t.Fatal(err)
	}
	again := unlock(t, d, dir)
	plain, err := again.Open(at, sealed)
	if err != nil || string(plain) != "keep me" {
		t.Errorf("Open = %q, %v", plain, err)
	}
	key2, err := again.Derive("dev1", "raw")
	if err != nil || !bytes.Equal(key, key2) {
		t.Errorf("the derived key changed over a restart (%v)", err)
	}
	if !bytes.Equal(v.AuditKey(), again.AuditKey()) || !bytes.Equal(v.FingerprintKey(), again.FingerprintKey()) || v.QueueKey() != again.QueueKey() {
		t.Error("a fixed key changed over a restart")
	}
}

func TestDerivedKeysDifferByDeviceAndLabel(t *testing.T) {
	dir := t.TempDir()
	v := unlock(t, store(t, dir), dir)
	seen := map[string]string{}
	for _, in := range [][2]string{{"a", "raw"}, {"a", "text"}, {"b", "raw"}, {"a|raw", ""}, {"", "a|raw"}} {
		k, err := v.Derive(in[0], in[1])
		if err != nil || len(k) != 32 {
			t.Fatalf("Derive(%q) = %d bytes, %v", in, len(k), err)
		}
		if other, ok := seen[string(k)]; ok {
			t.Errorf("%q has the key of %q", in, other)
		}
		seen[string(k)] = strings.Join(in[:], "/")
	}
}

// Control E12.
func TestE12SealedValueOpensInItsPlaceOnly(t *testing.T) {
	dir := t.TempDir()
	v := unlock(t, store(t, dir), dir)
	home := vault.Place{Table: "credential", Row: "1", Field: "sealed"}
	sealed, err := v.Seal(vault.ClassCredential, home, []byte("s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	flip := func(i int) []byte {
		b := bytes.Clone(sealed)
		b[i] ^= 1
		return b
	}
	tests := map[string]struct {
		at     vault.Place
		sealed []byte
	}{
		"other-row":     {vault.Place{Table: "credential", Row: "2", Field: "sealed"}, sealed},
		"other-field":   {vault.Place{Table: "credential", Row: "1", Field: "other"}, sealed},
		"other-table":   {vault.Place{Table: "token", Row: "1", Field: "sealed"}, sealed},
		"separator":     {vault.Place{Table: "credential", Row: "1|sealed", Field: "x"}, sealed},
		"version":       {home, flip(0)},
		"key-id":        {home, flip(4)},
		"nonce":         {home, flip(6)},
		"text":          {home, flip(30)},
		"tag":           {home, flip(len(sealed) - 1)},
		"cut":           {home, sealed[:len(sealed)-1]},
		"header-only":   {home, sealed[:29]},
		"nothing":       {home, nil},
		"unknown-class": {home, []byte{1, 0, 0, 0, 99}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := v.Open(tc.at, tc.sealed); err == nil {
				t.Errorf("opened: %q", got)
			}
		})
	}
	if bytes.Contains(sealed, []byte("s3cret")) {
		t.Error("the plain text is in the sealed bytes")
	}
}

func TestWrongOrMissingMasterKeyIsRefusedByName(t *testing.T) {
	other := t.TempDir()
	unlock(t, store(t, other), other)
	otherKey, err := os.ReadFile(filepath.Join(other, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		damage func(t *testing.T, file string)
		want   string
	}{
		"missing":        {func(t *testing.T, f string) { must(t, os.Remove(f)) }, "is missing"},
		"another":        {func(t *testing.T, f string) { must(t, os.WriteFile(f, otherKey, 0o600)) }, "sealed with key"},
		"group-readable": {func(t *testing.T, f string) { must(t, os.Chmod(f, 0o640)) }, "chmod 600"},
		"world-readable": {func(t *testing.T, f string) { must(t, os.Chmod(f, 0o604)) }, "chmod 600"},
		"damaged":        {func(t *testing.T, f string) { must(t, os.WriteFile(f, otherKey[:30], 0o600)) }, "damaged"},
		"empty":          {func(t *testing.T, f string) { must(t, os.WriteFile(f, nil, 0o600)) }, "does not begin"},
		"directory":      {func(t *testing.T, f string) { must(t, os.Remove(f)); must(t, os.Mkdir(f, 0o700)) }, "not a key file"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d := store(t, dir)
			unlock(t, d, dir)
			file := filepath.Join(dir, "master.key")
			tc.damage(t, file)
			before, _ := os.ReadFile(file)
			_, err := vault.Unlock(t.Context(), d, vault.FindKey(dir, "", noEnv), vault.Options{})
			if _, ok := errors.AsType[*vault.KeyError](err); !ok || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want a KeyError that says %q", err, tc.want)
			}
			after, _ := os.ReadFile(file)
			if !bytes.Equal(before, after) {
				t.Error("the key file was changed")
			}
		})
	}
}

func TestKeyFileIsLookedForInOrder(t *testing.T) {
	data, creds := t.TempDir(), t.TempDir()
	env := func(m map[string]string) func(string) string { return func(k string) string { return m[k] } }
	systemd := filepath.Join(creds, "plumbline-master")
	must(t, os.WriteFile(systemd, []byte("x"), 0o600))
	tests := map[string]struct {
		named string
		env   map[string]string
		want  vault.File
	}{
		"settings-first":     {"/k", map[string]string{"PLUMBLINE_MASTER_KEY_FILE": "/e", "CREDENTIALS_DIRECTORY": creds}, vault.File{Path: "/k"}},
		"environment-next":   {"", map[string]string{"PLUMBLINE_MASTER_KEY_FILE": "/e", "CREDENTIALS_DIRECTORY": creds}, vault.File{Path: "/e"}},
		"then-systemd":       {"", map[string]string{"CREDENTIALS_DIRECTORY": creds}, vault.File{Path: systemd}},
		"systemd-without-it": {"", map[string]string{"CREDENTIALS_DIRECTORY": data}, vault.File{Path: filepath.Join(data, "master.key"), MayCreate: true}},
		"data-directory":     {"", nil, vault.File{Path: filepath.Join(data, "master.key"), MayCreate: true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := vault.FindKey(data, tc.named, env(tc.env)); got != tc.want {
				t.Errorf("FindKey = %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestANamedKeyFileIsNeverMade(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "elsewhere.key")
	_, err := vault.Unlock(t.Context(), store(t, dir), vault.FindKey(dir, file, noEnv), vault.Options{})
	if _, ok := errors.AsType[*vault.KeyError](err); !ok {
		t.Errorf("error %v, want a KeyError", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the file was made")
	}
}

func TestTwoFirstStartsAgreeOnOneKey(t *testing.T) {
	dir := t.TempDir()
	d1, d2 := store(t, dir), store(t, dir)
	got := make(chan string, 2)
	for _, d := range []*db.DB{d1, d2} {
		go func() {
			v, err := vault.Unlock(t.Context(), d, vault.FindKey(dir, "", noEnv), vault.Options{})
			if err != nil {
				got <- err.Error()
				return
			}
			got <- v.QueueKey()
		}()
	}
	if a, b := <-got, <-got; a != b {
		t.Errorf("two starts beside each other: %.20q and %.20q", a, b)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func FuzzOpenOfForeignBytes(f *testing.F) {
	dir := f.TempDir()
	v := unlock(f, store(f, dir), dir)
	at := vault.Place{Table: "t", Row: "1", Field: "f"}
	sealed, err := v.Seal(vault.ClassSpool, at, []byte("seed"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := v.Open(at, b); err == nil && !bytes.Equal(b, sealed) {
			t.Errorf("forged bytes opened: %q", plain)
		}
	})
}
