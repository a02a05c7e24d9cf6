// Command plumbline discovers a network, keeps every device's configuration
// and shows what is out of true. This package holds flags and subcommands and
// refuses to know anything else.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(rewriteExcludes(args))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		if e.err != nil {
			fmt.Fprintln(os.Stderr, "plumbline:", printable(e.err.Error()))
		}
		return e.code
	}
	// What cobra itself refuses is wrong usage.
	fmt.Fprintln(os.Stderr, "plumbline:", printable(err.Error()))
	return 2
}
