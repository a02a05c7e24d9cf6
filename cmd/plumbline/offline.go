package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/spf13/cobra"
)

// maxOffline bounds what an offline command reads into memory.
const maxOffline = 1 << 30

// readInput reads a file, or standard input for "-".
func readInput(c *cobra.Command, name string) ([]byte, error) {
	in := c.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage(err)
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxOffline+1))
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", name, err))
	}
	if len(b) > maxOffline {
		return nil, usage(fmt.Errorf("%s: larger than %d bytes", name, maxOffline))
	}
	return b, nil
}

// offlinePlatform finds the platform of an offline command.
func offlinePlatform(id string) (*platform.Platform, error) {
	if id == "" {
		return nil, usage(errors.New("--platform is needed (generic when it is not known)"))
	}
	p, ok, err := platform.BuiltinOne(netdev.PlatformID(id))
	if err != nil {
		return nil, ownFault(err)
	}
	if !ok {
		return nil, usage(fmt.Errorf("--platform %s: no such platform (generic when it is not known)", id))
	}
	return p, nil
}
