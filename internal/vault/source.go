package vault

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	keyBytes     = 32
	keyPrefix    = "plumbline-master-1:"
	keyFileLimit = 4096
)

// KeyError says why there is no usable master key. The command line ends with
// exit code 2 on it: nothing is wrong with the program, something must be put
// in its place.
type KeyError struct {
	Source string // where the key was looked for
	Detail string
}

// Error is one line.
func (e *KeyError) Error() string { return "master key " + e.Source + ": " + e.Detail }

// KeySource gives the master key: a file today, a TPM or a KMS behind the same
// interface.
type KeySource interface {
	// Key gives the 32 bytes; fs.ErrNotExist (wrapped) when there is none yet.
	Key() ([]byte, error)
	// Create makes a key where there is none; a source that may not make one
	// returns a *KeyError.
	Create() ([]byte, error)
	String() string
}

// File is a master key in a file that its owner alone may read.
type File struct {
	Path      string
	MayCreate bool
}

// FindKey chooses where the master key lies: the file named in the settings,
// the file that PLUMBLINE_MASTER_KEY_FILE names, the credential
// "plumbline-master" that systemd hands over, else master.key in the data
// directory. Only the last one is ever made by us.
func FindKey(dataDir, named string, getenv func(string) string) File {
	if named != "" {
		return File{Path: named}
	}
	if f := getenv("PLUMBLINE_MASTER_KEY_FILE"); f != "" {
		return File{Path: f}
	}
	if d := getenv("CREDENTIALS_DIRECTORY"); d != "" {
		f := filepath.Join(d, "plumbline-master")
		if _, err := os.Lstat(f); err == nil {
			return File{Path: f}
		}
	}
	return File{Path: filepath.Join(dataDir, "master.key"), MayCreate: true}
}

// String names the file.
func (f File) String() string { return f.Path }

// Key reads the file. One that group or world may read, that is no regular
// file, or that does not hold a key is a *KeyError.
func (f File) Key() ([]byte, error) {
	st, err := os.Stat(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, &KeyError{f.Path, err.Error()}
	}
	if !st.Mode().IsRegular() || st.Size() > keyFileLimit {
		return nil, &KeyError{f.Path, "is not a key file"}
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, &KeyError{f.Path, fmt.Sprintf("others may read it (mode %04o): run chmod 600 on it", st.Mode().Perm())}
	}
	b, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, &KeyError{f.Path, err.Error()}
	}
	defer clear(b)
	return parseKey(b, f.Path)
}

func parseKey(b []byte, source string) ([]byte, error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(string(b)), keyPrefix)
	if !ok {
		return nil, &KeyError{source, "does not begin with " + keyPrefix}
	}
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != keyBytes {
		return nil, &KeyError{source, "is damaged: it does not hold 32 bytes"}
	}
	return key, nil
}

// Create writes a new random key, durable before it is used. When another
// process was quicker, its key is the one that counts.
func (f File) Create() ([]byte, error) {
	if !f.MayCreate {
		return nil, &KeyError{f.Path, "there is no such file"}
	}
	key := make([]byte, keyBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	dir := filepath.Dir(f.Path)
	tmp, err := os.CreateTemp(dir, ".master-*") // 0600
	if err != nil {
		return nil, &KeyError{f.Path, err.Error()}
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(keyPrefix + base64.StdEncoding.EncodeToString(key) + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		// A link, not a rename: it never replaces a key that is there.
		err = os.Link(tmp.Name(), f.Path)
	}
	if errors.Is(err, fs.ErrExist) {
		return f.Key()
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return nil, &KeyError{f.Path, err.Error()}
	}
	return key, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
