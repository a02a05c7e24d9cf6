package main

import (
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/cobra"
)

// addProfiling gives every command --cpuprofile and --memprofile.
func addProfiling(root *cobra.Command) {
	var cpu, mem string
	root.PersistentFlags().StringVar(&cpu, "cpuprofile", "", "write a pprof CPU profile to `FILE`")
	root.PersistentFlags().StringVar(&mem, "memprofile", "", "write a pprof heap profile to `FILE`")
	var out *os.File
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if cpu == "" {
			return nil
		}
		f, err := os.Create(cpu)
		if err != nil {
			return usage(err)
		}
		out = f
		return pprof.StartCPUProfile(f)
	}
	cobra.OnFinalize(func() {
		if out != nil {
			pprof.StopCPUProfile()
			_ = out.Close()
		}
		if mem == "" {
			return
		}
		f, err := os.Create(mem)
		if err != nil {
			return
		}
		runtime.GC()
		_ = pprof.WriteHeapProfile(f)
		_ = f.Close()
	})
}
