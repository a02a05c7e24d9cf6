package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// exitError carries the exit code of the command line's contract: 1 the answer
// is "no", 2 wrong usage or unreadable input, 3 an error of our own.
type exitError struct {
	code int
	err  error // nil: nothing more to say
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// answerNo, usage and ownFault wrap err with the exit codes 1, 2 and 3.
func answerNo(err error) error { return &exitError{code: 1, err: err} }
func usage(err error) error    { return &exitError{code: 2, err: err} }
func ownFault(err error) error { return &exitError{code: 3, err: err} }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "plumbline",
		Short:         "Finds a network, keeps its configurations, shows what is out of true",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(commands()...)
	addProfiling(root)
	return root
}

// commands lists every subcommand; one line each.
func commands() []*cobra.Command {
	return []*cobra.Command{
		newServe(),
		newDiscover(),
		newWalk(),
		newPull(),
		newBackup(),
		newHistory(),
		newShow(),
		newSearch(),
		newAdmin(),
		newIdentify(),
		newTopology(),
		newParse(),
		newDiff(),
		newRedact(),
		newCheck(),
		newVersion(),
		newCapture(),
		newPlatform(),
	}
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			fmt.Fprintln(c.OutOrStdout(), "plumbline", version())
			return nil
		},
	}
}

// version is the release and the revision it was built from.
func version() string {
	rev, dirty := "unknown", ""
	if bi, ok := debug.ReadBuildInfo(); ok {
		for _, s := range bi.Settings {
			switch {
			case s.Key == "vcs.revision":
				rev = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = "+changes"
			}
		}
	}
	return fmt.Sprintf("0.1.0 %.12s%s", rev, dirty)
}

// rewriteExcludes keeps "-192.0.2.1" from being taken for flags: an argument
// that is a minus and a target becomes "!target".
func rewriteExcludes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if len(a) < 2 || a[0] != '-' {
			continue
		}
		rest, _, _ := strings.Cut(a[1:], "/")
		rest, _, _ = strings.Cut(rest, "-")
		if _, err := netip.ParseAddr(rest); err == nil || strings.HasPrefix(a, "-@") {
			out[i] = "!" + a[1:]
		}
	}
	return out
}

// defaultDataDir is $STATE_DIRECTORY, else plumbline in the user's state
// directory.
func defaultDataDir() string {
	if d := os.Getenv("STATE_DIRECTORY"); d != "" {
		return d
	}
	if d := os.Getenv("XDG_STATE_HOME"); d != "" {
		return filepath.Join(d, "plumbline")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "plumbline-data"
	}
	return filepath.Join(home, ".local", "state", "plumbline")
}

// printJSON prints one document on stdout.
func printJSON(c *cobra.Command, v any) error {
	enc := json.NewEncoder(c.OutOrStdout())
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printJSONLine prints one object on one line of stdout.
func printJSONLine(c *cobra.Command, v any) error {
	enc := json.NewEncoder(c.OutOrStdout())
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printable makes text of a device safe for a terminal: control and
// bidirectional characters are shown as escapes.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if (unicode.IsControl(r) && r != '\t') || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
