package capture

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// spent is the processor time of the thread that asks. A goroutine that
// measures with it stays on its thread meanwhile.
func spent(t testing.TB) time.Duration {
	t.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
