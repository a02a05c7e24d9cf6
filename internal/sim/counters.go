package sim

import "slices"

// AuthAttempts is how often somebody tried to prove who they are over SSH.
func (d *Device) AuthAttempts() int { d.mu.Lock(); defer d.mu.Unlock(); return d.count.auth }

// PasswordsSeen are the passwords and enable secrets that were sent here.
func (d *Device) PasswordsSeen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.count.passwords)
}

// Commands is every line that was typed, and every command of an exec channel.
func (d *Device) Commands() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.count.commands)
}

// Writes are the lines among Commands that would have changed the device.
func (d *Device) Writes() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.count.writes)
}

// Connections is how many TCP connections came.
func (d *Device) Connections() int { d.mu.Lock(); defer d.mu.Unlock(); return d.count.conns }

// ConfigReads is how often a configuration command was answered.
func (d *Device) ConfigReads() int { d.mu.Lock(); defer d.mu.Unlock(); return d.count.reads }

// Sessions is the number of connections open now.
func (d *Device) Sessions() int { d.mu.Lock(); defer d.mu.Unlock(); return len(d.open.conns) }

// SNMPRequests is the number of datagrams that came to the agent.
func (d *Device) SNMPRequests() int { d.mu.Lock(); defer d.mu.Unlock(); return d.count.snmp }

// SNMPWrites is the number of SET requests; each was refused.
func (d *Device) SNMPWrites() int { d.mu.Lock(); defer d.mu.Unlock(); return d.count.sets }

// PDUs counts the requests by PDU type: 0xa0 GET, 0xa1 GETNEXT, 0xa3 SET, 0xa5
// GETBULK (RFC 3416 §3).
func (d *Device) PDUs() map[byte]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[byte]int{}
	for k, v := range d.count.pdus {
		out[k] = v
	}
	return out
}

// ResetCounters forgets what was counted.
func (d *Device) ResetCounters() { d.mu.Lock(); defer d.mu.Unlock(); d.count = counters{} }

func (d *Device) note(f func(c *counters)) { d.mu.Lock(); defer d.mu.Unlock(); f(&d.count) }
