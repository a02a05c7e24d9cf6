package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/spf13/cobra"
)

func newRedact() *cobra.Command {
	var id, keyFile string
	c := &cobra.Command{
		Use:   "redact --platform P FILE",
		Short: "Replace the secrets of a configuration by stable fingerprints",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := offlinePlatform(id)
			if err != nil {
				return err
			}
			raw, err := readInput(c, args[0])
			if err != nil {
				return err
			}
			mask, err := offlineMasker(c, keyFile)
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(scrub.New(p.Config).Mask(raw, mask))
			return err
		},
	}
	c.Flags().StringVar(&id, "platform", "", "platform `P` of the file")
	c.Flags().StringVar(&keyFile, "key", "", "`FILE` with the key of the fingerprints")
	return c
}

// offlineMasker masks with the key in file, else with the one in the state
// directory, which is made at first use. Where that cannot be, fingerprints
// are those of this run alone, and a line on stderr says so.
func offlineMasker(c *cobra.Command, file string) (scrub.Masker, error) {
	if file != "" {
		b, err := os.ReadFile(file)
		if err == nil && len(bytes.TrimSpace(b)) < 16 {
			err = fmt.Errorf("%s: a key has at least 16 bytes", file)
		}
		if err != nil {
			return nil, usage(err)
		}
		return scrub.KeyMasker(bytes.TrimSpace(b)), nil
	}
	path := filepath.Join(defaultDataDir(), "offline.key")
	key, err := offlineKey(path)
	if err == nil {
		return scrub.KeyMasker(key), nil
	}
	fmt.Fprintf(c.ErrOrStderr(), "plumbline: %s; fingerprints hold for this run only\n", printable(err.Error()))
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, ownFault(err)
	}
	return scrub.KeyMasker(fresh), nil
}

// offlineKey reads the key at path or makes one. Of several first runs at the
// same time one makes it and all use it.
func offlineKey(path string) ([]byte, error) {
	read := func() ([]byte, error) {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		key, err := hex.DecodeString(string(bytes.TrimSpace(b)))
		if err != nil || len(key) != 32 {
			return nil, fmt.Errorf("%s: not a key", path)
		}
		return key, nil
	}
	key, err := read()
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(hex.EncodeToString(fresh) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return read()
}
