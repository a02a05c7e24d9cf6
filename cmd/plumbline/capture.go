package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/spf13/cobra"
)

// captureFlags are what `capture` is asked for.
type captureFlags struct {
	read, device, write string
	length              time.Duration
	promiscuous, asJSON bool
	save                bool
	data, at            string
}

func newCapture() *cobra.Command {
	var f captureFlags
	c := &cobra.Command{
		Use:   "capture --read FILE.pcap[ng] | --interface IF",
		Short: "Say what frames tell of the devices that sent them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case (f.read == "") == (f.device == ""):
				return usage(errors.New("capture: one of --read FILE and --interface IF is needed"))
			case f.read != "" && (f.write != "" || f.length != 0 || f.promiscuous):
				return usage(errors.New("capture: --write, --for and --promiscuous belong to --interface"))
			case f.length < 0:
				return usage(errors.New("capture: --for is negative"))
			case f.at != "" && !f.save:
				return usage(errors.New("capture: --at says where what --save keeps was heard"))
			}
			return withSightings(c, f, func(s *sightings) error {
				if f.read != "" {
					return replayFile(c, f, s)
				}
				return captureLive(c, f, s)
			})
		},
	}
	c.Flags().StringVar(&f.read, "read", "", "a pcap or pcapng file")
	c.Flags().StringVar(&f.device, "interface", "", "the interface to listen on; nothing is ever sent")
	c.Flags().DurationVar(&f.length, "for", 0, "how long to listen (default: until interrupted)")
	c.Flags().StringVar(&f.write, "write", "", "keep the frames in this pcapng file; it must not exist")
	c.Flags().BoolVar(&f.promiscuous, "promiscuous", false, "take frames to other hosts too")
	c.Flags().BoolVar(&f.save, "save", false, "keep who was heard in the data directory, as evidence of links and as candidates")
	c.Flags().StringVar(&f.at, "at", "", "with --save: `DEVICE:PORT` whose wire was captured, such as a mirrored port (default: this host's interface)")
	addDataFlag(c, &f.data)
	c.Flags().BoolVar(&f.asJSON, "json", false, "one JSON object a line")
	return c
}

func replayFile(c *cobra.Command, f captureFlags, keep *sightings) error {
	file, err := os.Open(f.read)
	if err != nil {
		return usage(err)
	}
	defer file.Close()
	out := bufio.NewWriterSize(c.OutOrStdout(), 1<<16)
	var broken error
	err = capture.Replay(bufio.NewReaderSize(file, 1<<16), capture.NewDecoder(), keep.hear, func(l capture.Line) error {
		broken = printLine(out, l, f.asJSON)
		return broken
	})
	if broken == nil {
		broken = out.Flush()
	}
	switch {
	case broken != nil:
		return ownFault(broken)
	case err != nil:
		return usage(fmt.Errorf("capture: %s: %w", printable(f.read), err))
	}
	return nil
}

func captureLive(c *cobra.Command, f captureFlags, heard *sightings) error {
	ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if f.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.length)
		defer cancel()
	}
	live, err := capture.OpenLive(f.device, capture.LiveOptions{Promiscuous: f.promiscuous, Log: slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))})
	if err != nil {
		return usage(err)
	}
	defer live.Close()
	keep, finish := func(capture.Frame) error { return nil }, func() error { return nil }
	if f.write != "" {
		file, err := os.OpenFile(f.write, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return usage(fmt.Errorf("capture: %s exists", printable(f.write)))
		}
		if err != nil {
			return usage(err)
		}
		w, err := capture.NewWriter(file, f.device)
		if err != nil {
			return ownFault(errors.Join(err, file.Close()))
		}
		keep, finish = w.Write, func() error { return errors.Join(w.Flush(), file.Close()) }
	}
	out := bufio.NewWriter(c.OutOrStdout())
	d := capture.NewDecoder()
	err = capture.Watch(ctx, live, func(fr capture.Frame) error {
		if err := keep(fr); err != nil {
			return ownFault(err)
		}
		heard.hear(fr)
		l, ok := d.Line(fr)
		if !ok {
			return nil
		}
		if err := printLine(out, l, f.asJSON); err != nil {
			return ownFault(err)
		}
		return out.Flush()
	})
	if ferr := finish(); ferr != nil && err == nil {
		err = ownFault(ferr)
	}
	if _, ok := errors.AsType[*exitError](err); ok || err == nil {
		return err
	}
	return usage(err)
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
