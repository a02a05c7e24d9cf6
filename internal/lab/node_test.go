package lab

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// node is one machine of the lab: its own network, mounts, processes and host
// name, and its own copy of /etc.
type node struct {
	t    *testing.T
	name string
	dir  string // survives on the host: etc, logs
	pid  int    // of the first process, as the host counts

	mu      sync.Mutex
	running []*exec.Cmd
}

// start makes the namespaces of a node. They end with the test, also when the
// test is killed: the first process reads from a pipe that only the test holds,
// and nothing in a namespace of processes outlives its first.
func start(t *testing.T, root, name string) *node {
	t.Helper()
	n := &node{t: t, name: name, dir: filepath.Join(root, name)}
	if err := os.MkdirAll(n.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	must(t, "cp", "-a", "/etc", filepath.Join(n.dir, "etc"))
	script, err := filepath.Abs("testdata/node.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", script, name, n.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true,
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC}
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	hold, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		absent(t, "namespaces are not to be had: %v", err)
	}
	n.pid = cmd.Process.Pid
	t.Cleanup(func() {
		hold.Close()
		cmd.Process.Kill()
		cmd.Wait()
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, c := range n.running { // their processes ended with the first one
			c.Wait()
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "up\n" {
		hold.Close()
		cmd.Wait()
		t.Fatalf("%s: the node did not come up: %q %v: %s", name, line, err, complaint.String())
	}
	return n
}

// command is a command that runs inside the node.
func (n *node) command(ctx context.Context, args ...string) *exec.Cmd {
	in := []string{"-t", strconv.Itoa(n.pid), "-n", "-m", "-u", "-p", "-i", "-w/", "--"}
	return exec.CommandContext(ctx, "nsenter", append(in, args...)...)
}

// run runs a command inside the node to its end and gives what it printed.
func (n *node) run(args ...string) string {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := n.command(ctx, args...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("%s: %s: %v\n%s", n.name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// daemon starts a program that stays in the foreground; it ends with the node.
func (n *node) daemon(args ...string) *exec.Cmd {
	n.t.Helper()
	log, err := os.OpenFile(filepath.Join(n.dir, filepath.Base(args[0])+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	defer log.Close()
	cmd := n.command(context.Background(), args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		n.t.Fatalf("%s: %s: %v", n.name, args[0], err)
	}
	n.mu.Lock()
	n.running = append(n.running, cmd)
	n.mu.Unlock()
	return cmd
}

// etc gives the path, on the host, of a file of the node's own /etc.
func (n *node) etc(name string) string { return filepath.Join(n.dir, "etc", name) }

// write fills a template into a file of the node's /etc.
func (n *node) write(name, tmpl string, values any) {
	n.t.Helper()
	var b bytes.Buffer
	if err := template.Must(template.ParseFiles(filepath.Join("testdata", tmpl))).Execute(&b, values); err != nil {
		n.t.Fatal(err)
	}
	if err := os.WriteFile(n.etc(name), b.Bytes(), 0o640); err != nil {
		n.t.Fatal(err)
	}
}

// must runs a command on the host.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// absent skips where the machine cannot have a lab; in CI that is a failure.
func absent(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// eventually asks until the answer is yes, for as long as a daemon may take.
func eventually(t *testing.T, what string, within time.Duration, yes func() (bool, string)) {
	t.Helper()
	begun := time.Now()
	for {
		ok, seen := yes()
		if ok {
			t.Logf("%s after %.1f s", what, time.Since(begun).Seconds())
			return
		}
		if time.Since(begun) > within {
			t.Fatalf("%s: not within %s; last seen: %s", what, within, seen)
		}
		time.Sleep(250 * time.Millisecond)
	}
}
