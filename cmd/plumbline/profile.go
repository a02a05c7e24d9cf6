package main

import (
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/cobra"
)

// profiles are files that profiles of one run are written to; "" for none.
type profiles struct{ cpu, mem string }

// addProfiling gives every command --cpuprofile and --memprofile.
func addProfiling(root *cobra.Command) {
	p := &profiles{}
	root.PersistentFlags().StringVar(&p.cpu, "cpuprofile", "", "write a pprof CPU profile to `FILE`")
	root.PersistentFlags().StringVar(&p.mem, "memprofile", "", "write a pprof heap profile to `FILE`")
	p.wrap(root)
}

// wrap puts the profiles around the work of c and of what is below it. Cobra's
// own hooks are shared by all commands of a process, or skipped after an error.
func (p *profiles) wrap(c *cobra.Command) {
	for _, sub := range c.Commands() {
		p.wrap(sub)
	}
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			stop, err := p.start()
			if err != nil {
				return usage(err)
			}
			defer stop()
			return run(c, args)
		}
	}
}

func (p *profiles) start() (stop func(), err error) {
	var out *os.File
	if p.cpu != "" {
		if out, err = os.Create(p.cpu); err != nil {
			return nil, err
		}
		if err := pprof.StartCPUProfile(out); err != nil {
			_ = out.Close()
			return nil, err
		}
	}
	return func() {
		if out != nil {
			pprof.StopCPUProfile()
			_ = out.Close()
		}
		if p.mem == "" {
			return
		}
		f, err := os.Create(p.mem)
		if err != nil {
			return
		}
		runtime.GC()
		_ = pprof.WriteHeapProfile(f)
		_ = f.Close()
	}, nil
}
