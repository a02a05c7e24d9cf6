package sim

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Running is exactly what a correct reader prints: the output of the
// platform's configuration command. Where secrets are enciphered anew at every
// print it is the text as it was printed last.
func (d *Device) Running() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.running()
}

// Startup is the same for the saved text; false where the platform has none.
func (d *Device) Startup() ([]byte, bool) {
	if !d.HasStartup() {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.startup(), true
}

// Drifts says whether the running text differs from the saved one.
func (d *Device) Drifts() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.HasStartup() && !slices.Equal(d.body, d.saved)
}

const iosTime = "15:04:05 MST Mon Jan 2 2006"

func (d *Device) running() []byte {
	var b bytes.Buffer
	text := strings.Join(d.body, "\n") + "\n"
	switch d.model.platform {
	case "cisco_iosxe":
		head := fmt.Sprintf("!\n! Last configuration change at %s by %s\n! NVRAM config last updated at %s by %s\n!\n",
			d.changed.at.Format(iosTime), d.changed.by, d.written.at.Format(iosTime), d.written.by)
		fmt.Fprintf(&b, "Building configuration...\n\nCurrent configuration : %d bytes\n%s%s", len(head)+len(text), head, text)
	case "juniper_junos":
		fmt.Fprintf(&b, "## Last commit: %s by %s\n%s", d.changed.at.Format("2006-01-02 15:04:05 MST"), d.changed.by, text)
	case "fortinet_fortios":
		fmt.Fprintf(&b, "#config-version=%s-%s-FW-build1639-240313:opmode=0:vdom=0:user=%s\n#conf_file_ver=%d\n#buildno=1639\n#global_vdom=1\n%s",
			strings.ReplaceAll(d.model.name, "_", ""), d.model.version, sshUser, 183000000000000+d.changed.at.Unix()*7, d.encipher(text))
	default:
		l := dialects()[d.model.platform]
		b.WriteString(l.head(d, len(text)) + text)
	}
	return b.Bytes()
}

func (d *Device) startup() []byte {
	text := strings.Join(d.saved, "\n") + "\n"
	if l, ok := dialects()[d.model.platform]; ok {
		return []byte(l.savedHead(d) + text)
	}
	head := fmt.Sprintf("!\n! Last configuration change at %s by %s\n! NVRAM config last updated at %s by %s\n!\n",
		d.written.at.Add(-time.Minute).Format(iosTime), d.written.by, d.written.at.Format(iosTime), d.written.by)
	return fmt.Appendf(nil, "Using %d out of 33554432 bytes\n%s%s", len(head)+len(text), head, text)
}

// encipher gives every secret a new cipher text for each print, as the real
// system salts it anew.
func (d *Device) encipher(text string) string {
	var b strings.Builder
	for i := 0; ; i++ {
		before, after, ok := strings.Cut(text, encMark)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("ENC " + pick(d.net.rand("enc", d.plan.name, i, d.prints), letters+"+/", 86) + "==")
		text = after
	}
}

// printAnew is Running with every secret enciphered anew.
func (d *Device) printAnew() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prints++
	d.printed = d.net.opt.Now().UTC().Truncate(time.Second)
	return d.running()
}

// Printed says whether text is, byte for byte, what a correct reader would
// have kept of one of the times a configuration was asked for.
func (d *Device) Printed(text []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.said[sha256.Sum256(text)]
}

func (d *Device) remember(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.said == nil || len(d.said) > maxNotes {
		d.said = map[[32]byte]bool{}
	}
	d.said[sha256.Sum256([]byte(strings.Trim(text, "\n")+"\n"))] = true
}

const encMark = "ENC\x00"

// Change replaces the first line that equals Find, without looking at blanks
// around it, by the lines of Replace. An empty Replace removes the line.
type Change struct{ Find, Replace string }

// Edit changes the running configuration by one line. It says whether the
// line was found; the saved text stays behind.
func (d *Device) Edit(c Change) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.edit(c)
}

func (d *Device) edit(c Change) bool {
	i := slices.IndexFunc(d.body, func(l string) bool { return strings.TrimSpace(l) == strings.TrimSpace(c.Find) })
	if i < 0 {
		return false
	}
	var with []string
	if c.Replace != "" {
		with = strings.Split(c.Replace, "\n")
	}
	d.body = slices.Concat(d.body[:i], with, d.body[i+1:])
	d.changed = stamp{d.net.opt.Now().UTC().Truncate(time.Second), sshUser}
	return true
}

// Save copies the running configuration over the saved one.
func (d *Device) Save() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saved = slices.Clone(d.body)
	d.written = stamp{d.net.opt.Now().UTC().Truncate(time.Second), sshUser}
}
