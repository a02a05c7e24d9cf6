package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// mainVariable makes this test binary the program itself, so that tests can
// start it as a process, end it as they like, and under the race detector too.
const mainVariable = "PLUMBLINE_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainVariable) != "" {
		os.Exit(run(os.Args[1:]))
	}
	// What a test does not say --data for must not land in somebody's home.
	dir, err := os.MkdirTemp("", "plumbline-test-")
	if err != nil {
		panic(err)
	}
	_ = os.Unsetenv("STATE_DIRECTORY")
	if err := os.Setenv("XDG_STATE_HOME", dir); err != nil {
		panic(err)
	}
	code := m.Run()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		_, _ = os.Stderr.WriteString("a test wrote into the default data directory: it has to name one with --data\n")
		code = max(code, 1)
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// process is the program, running.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	ready time.Duration // until it said where it answers
	base  string        // http://127.0.0.1:…
	done  chan struct{} // closed when its output has ended

	mu          sync.Mutex
	out, errout bytes.Buffer
}

// keeper keeps a stream that is looked at while it goes on.
type keeper struct {
	p   *process
	buf *bytes.Buffer
}

func (k keeper) Write(b []byte) (int, error) {
	k.p.mu.Lock()
	defer k.p.mu.Unlock()
	return k.buf.Write(b)
}

// serve starts `serve` with args at a free port and waits for its ready line.
func serve(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, done: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), os.Args[0], append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	p.cmd.Env = append(os.Environ(), mainVariable+"=1")
	p.cmd.Stderr = keeper{p, &p.errout}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(p.done)
		lines := bufio.NewScanner(io.TeeReader(stdout, keeper{p, &p.out}))
		for lines.Scan() {
			if base, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- base
			}
		}
	}()
	select {
	case p.base = <-ready:
		p.ready = time.Since(begun)
	case <-p.done:
		_ = p.cmd.Wait()
		t.Fatalf("serve ended without being ready:\n%s", p.stderr())
	case <-time.After(30 * time.Second * slower):
		t.Fatalf("serve is not ready after 30 s:\n%s", p.stderr())
	}
	return p
}

func (p *process) stderr() string { p.mu.Lock(); defer p.mu.Unlock(); return p.errout.String() }
func (p *process) said() string   { p.mu.Lock(); defer p.mu.Unlock(); return p.out.String() }

// end sends a signal and waits; it gives the exit code, -1 after SIGKILL.
func (p *process) end(s os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("the process has ended by itself: %v\n%s", err, p.stderr())
	}
	<-p.done
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func TestServeRefusesWhatItCannotDoAsWrongUsage(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir, _ := appliance(t)
	tests := map[string][]string{
		"demo-over-real-data":  {"--data", dir, "--demo"},
		"open-to-the-network":  {"--data", dir, "--listen", "0.0.0.0:0"},
		"an-address-in-use":    {"--data", dir, "--listen", taken.Addr().String()},
		"no-address":           {"--data", dir, "--listen", "here"},
		"another-database":     {"--data", dir, "--database", "postgres://db/x"},
		"truth-without-a-demo": {"--data", dir, "--truth", filepath.Join(t.TempDir(), "t")},
		"settings-not-there":   {"--data", dir, "--settings", filepath.Join(dir, "no.yaml")},
		"an-argument":          {"--data", dir, "now"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			if out, code, err := ask(t, append([]string{"serve"}, args...)...); code != 2 || out != "" || err == nil {
				t.Errorf("exit %d, printed %q, %v; want exit 2 and a word why", code, out, err)
			}
		})
	}
}
