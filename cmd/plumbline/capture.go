package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/spf13/cobra"
)

func newCapture() *cobra.Command {
	var read string
	var asJSON bool
	c := &cobra.Command{
		Use:   "capture --read FILE.pcap[ng]",
		Short: "Say what the frames of a capture tell of the devices that sent them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if read == "" {
				return usage(errors.New("capture: --read FILE is needed"))
			}
			return replayFile(c, read, asJSON)
		},
	}
	c.Flags().StringVar(&read, "read", "", "a pcap or pcapng file")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

func replayFile(c *cobra.Command, name string, asJSON bool) error {
	file, err := os.Open(name)
	if err != nil {
		return usage(err)
	}
	defer file.Close()
	out := bufio.NewWriterSize(c.OutOrStdout(), 1<<16)
	var broken error
	err = capture.Replay(bufio.NewReaderSize(file, 1<<16), capture.NewDecoder(), func(l capture.Line) error {
		broken = printLine(out, l, asJSON)
		return broken
	})
	switch {
	case broken != nil:
		return ownFault(broken)
	case err != nil:
		return usage(fmt.Errorf("capture: %s: %w", printable(name), err))
	}
	if err := out.Flush(); err != nil {
		return ownFault(err)
	}
	return nil
}

// printLine prints a line as JSON, or as words for a person.
func printLine(out *bufio.Writer, l capture.Line, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return enc.Encode(l)
	}
	facts, err := json.Marshal(l.Facts)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\t%s\n", l.Frame, l.Time.Format("2006-01-02T15:04:05.000Z"), l.Protocol, l.SourceMAC, printable(string(facts)), printable(l.Error))
	return err
}
