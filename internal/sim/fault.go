package sim

import "time"

// Fault is one way in which a device misbehaves.
type Fault string

// The faults of a command line; the numbers are those of the fault table in
// the design of backups.
const (
	ConnectRefused  Fault = "connect-refused"   // S01
	Mute            Fault = "mute"              // S03 accepts, then nothing
	Garbage         Fault = "garbage"           // S04 1 MiB instead of an identification
	SlowHandshake   Fault = "slow-handshake"    // S05 one byte a second
	OtherHostKey    Fault = "other-host-key"    // S06
	LegacyOnly      Fault = "legacy-only"       // S07 group1, ssh-rsa, aes-cbc
	RejectPassword  Fault = "reject-password"   // S08
	UnknownQuestion Fault = "unknown-question"  // S09 asks for a token as well
	PasswordExpired Fault = "password-expired"  // S10
	PromptBanner    Fault = "prompt-banner"     // S11 banner lines that look like prompts
	HugeBanner      Fault = "huge-banner"       // S12 200 KB
	AnyKey          Fault = "any-key"           // S13
	Menu            Fault = "menu"              // S14
	EnableRefused   Fault = "enable-refused"    // S15
	PromptChanges   Fault = "prompt-changes"    // S16
	OwnPrompt       Fault = "own-prompt-inside" // S17 Share: where, Pause: how long
	ForeignPrompt   Fault = "foreign-prompt"    // S18
	PromptLike      Fault = "prompt-like-text"  // S19
	PagerStays      Fault = "pager-stays"       // S20
	PagerEndless    Fault = "pager-endless"     // S21
	Endless         Fault = "endless"           // S22
	Drip            Fault = "drip"              // S24 one byte every Pause
	Hang            Fault = "hang"              // S25 at Share
	Reset           Fault = "reset"             // S26 at Share
	Fin             Fault = "fin"               // S27 at Share
	CloseNoStatus   Fault = "close-no-status"   // S28 at Share: the channel closes, nothing is said
	CutThenPrompt   Fault = "cut-then-prompt"   // S29 at Share
	EmptyText       Fault = "empty"             // S30
	ErrorText       Fault = "error-text"        // S31 Text, or wording number N
	Busy            Fault = "busy"              // S32
	LogLines        Fault = "log-lines"         // S33
	Escapes         Fault = "escapes"           // S34
	OddBytes        Fault = "odd-bytes"         // S35 Latin-1, no UTF-8, BOM, CJK; a NUL is padding that no terminal shows
	MixedLineEnds   Fault = "mixed-line-ends"   // S36
	NoEcho          Fault = "no-echo"           // S37
	WrappedEcho     Fault = "wrapped-echo"      // S37
	Moving          Fault = "moving"            // S38 the text changes at every read
	TooManyUsers    Fault = "too-many-users"    // S40 after the login; N 1: before the handshake
)

// The faults of an agent.
const (
	SNMPSilent         Fault = "snmp-silent"
	SNMPWrongCommunity Fault = "snmp-wrong-community" // refuses the right credential
	SNMPDrop           Fault = "snmp-drop"            // Share of the answers is lost
	SNMPTooBig         Fault = "snmp-too-big"         // above N repetitions
	SNMPLoop           Fault = "snmp-loop"            // the interface table starts again at its end
	SNMPSlow           Fault = "snmp-slow"            // Pause before each answer
	SNMPOtherSource    Fault = "snmp-other-source"    // answers come from another address
	SNMPWrongID        Fault = "snmp-wrong-id"        // answers have another request id
	SNMPNewEngine      Fault = "snmp-new-engine"      // another engine id
	SNMPDuplicate      Fault = "snmp-duplicate"       // every answer comes twice
	SNMPBadPacket      Fault = "snmp-bad-packet"      // answers end at Share of their bytes
	SNMPTruncated      Fault = "snmp-truncated"       // silence beyond Share of the variables
)

// Faults lists them all.
func Faults() []Fault {
	return []Fault{ConnectRefused, Mute, Garbage, SlowHandshake, OtherHostKey, LegacyOnly, RejectPassword, UnknownQuestion,
		PasswordExpired, PromptBanner, HugeBanner, AnyKey, Menu, EnableRefused, PromptChanges, OwnPrompt, ForeignPrompt,
		PromptLike, PagerStays, PagerEndless, Endless, Drip, Hang, Reset, Fin, CloseNoStatus, CutThenPrompt, EmptyText,
		ErrorText, Busy, LogLines, Escapes, OddBytes, MixedLineEnds, NoEcho, WrappedEcho, Moving, TooManyUsers, SNMPSilent,
		SNMPWrongCommunity, SNMPDrop, SNMPTooBig, SNMPLoop, SNMPSlow, SNMPOtherSource, SNMPWrongID, SNMPNewEngine,
		SNMPDuplicate, SNMPBadPacket, SNMPTruncated}
}

// Params are the figures of a fault; the zero value works for each.
type Params struct {
	Share float64       // 0–1: where in the text, or how much is lost; 0 means one half
	Pause time.Duration // 0 means the fault's own
	N     int           // a number the fault's line speaks of
	Text  string
	Times int // how often it strikes before it is over; 0 always
}

func (p Params) share() float64 {
	if p.Share <= 0 {
		return 0.5
	}
	return min(p.Share, 1)
}

func (p Params) pause(own time.Duration) time.Duration {
	if p.Pause > 0 {
		return p.Pause
	}
	return own
}

// Inject makes the device misbehave from now on, beside the faults it has.
func (d *Device) Inject(f Fault, with ...Params) {
	var p Params
	if len(with) > 0 {
		p = with[0]
	}
	d.mu.Lock()
	d.faults[f] = p
	d.plant(f, p)
	d.mu.Unlock()
	if f == ConnectRefused {
		d.stopListening()
	}
}

// ClearFaults makes the device behave again.
func (d *Device) ClearFaults() error {
	d.mu.Lock()
	_, refused := d.faults[ConnectRefused]
	d.faults = map[Fault]Params{}
	d.weed()
	d.mu.Unlock()
	if refused {
		return d.listenAgain()
	}
	return nil
}

func (d *Device) fault(f Fault) bool {
	_, ok := d.params(f)
	return ok
}

func (d *Device) params(f Fault) (Params, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.faults[f]
	return p, ok
}

// strike is params for a fault that ends after some times.
func (d *Device) strike(f Fault) (Params, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.faults[f]
	if ok && p.Times > 0 {
		if p.Times--; p.Times == 0 {
			delete(d.faults, f)
		} else {
			d.faults[f] = p
		}
	}
	return p, ok
}
