package platform

import (
	"regexp"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Platform is one platform file, compiled. Fields are the keys of the file.
type Platform struct {
	ID           netdev.PlatformID `yaml:"id"`
	Title        string            `yaml:"title"`
	Extends      netdev.PlatformID `yaml:"extends"`
	Vendor       string            `yaml:"vendor"`
	OS           Choice            `yaml:"os"`
	Kind         Choice            `yaml:"kind"`
	Recognise    []Recognise       `yaml:"recognise"`
	Facts        FactSources       `yaml:"facts"`
	Walk         Walk              `yaml:"walk"`
	Neighbors    []NeighborTable   `yaml:"neighbors"`
	VLANTables   []VLANTable       `yaml:"vlans"`
	AccessPoints []AccessPoints    `yaml:"access_points"`
	Login        Login             `yaml:"login"`
	Prompt       Prompt            `yaml:"prompt"`
	Pager        Pager             `yaml:"pager"`
	Privilege    Privilege         `yaml:"privilege"`
	Session      Session           `yaml:"session"`
	Read         Read              `yaml:"read"`
	Complete     Completeness      `yaml:"complete"`
	Errors       []ErrorLine       `yaml:"errors"`
	Config       Rulebook          `yaml:"config"`
	Extra        []Extra           `yaml:"extra"`
	Artefacts    []Artefact        `yaml:"artefacts"`
	Drivers      Drivers           `yaml:"drivers"`
	Quirks       []string          `yaml:"quirks"`
	Sources      []string          `yaml:"sources"`
	Hash         string            `yaml:"-"` // SHA-256 of the file and what it extends
	OperatorsOwn bool              `yaml:"-"` // from the data directory, not from the binary
}

// Regex is an RE2 expression with the text it came from. The zero value
// matches nothing.
type Regex struct {
	re  *regexp.Regexp
	src string
}

// Choice picks a word: the first row of When that holds, else Default.
type Choice struct {
	Default string `yaml:"default"`
	When    []When `yaml:"when"`
}

// When is one row of a Choice.
type When struct {
	Condition `yaml:",inline"`
	Has       string `yaml:"has"` // bridge-ports, wireless-aps, ip-forwarding
	MoreThan  int    `yaml:"more_than"`
	Value     string `yaml:"value"`
}

// Condition is a set of tests that must all hold.
type Condition struct {
	SysObjectID  string `yaml:"sysobjectid"`
	SysDescr     *Regex `yaml:"sysdescr"`
	SysName      *Regex `yaml:"sysname"`
	CDPVersion   *Regex `yaml:"cdp_version"`
	CDPPlatform  *Regex `yaml:"cdp_platform"`
	LLDPSysDescr *Regex `yaml:"lldp_sysdescr"`
	DHCPClass    *Regex `yaml:"dhcp_class"`
	MDNSModel    *Regex `yaml:"mdns_model"`
	EnginePEN    int    `yaml:"engine_pen"`
	Enterprise   int    `yaml:"enterprise"` // the agent answers below this private enterprise number
	OUI          string `yaml:"oui"`
	SSHVersion   *Regex `yaml:"ssh_version"`
	Banner       *Regex `yaml:"banner"`
	Probe        string `yaml:"probe"`
	Matches      *Regex `yaml:"matches"`
	OID          string `yaml:"oid"`
	OIDValue     *Regex `yaml:"oid_value"`
	Exists       *bool  `yaml:"exists"`
}

// Recognise is one way to recognise the platform.
type Recognise struct {
	Condition `yaml:",inline"`
	Unless    *Condition `yaml:"unless"`
	Rank      int        `yaml:"rank"`
	Because   string     `yaml:"because"`
}

// FactSources lists where facts come from, best first.
type FactSources struct {
	Model    []FactSource `yaml:"model"`
	Version  []FactSource `yaml:"version"`
	Serial   []FactSource `yaml:"serial"`
	Hostname []FactSource `yaml:"hostname"`
	Location []FactSource `yaml:"location"`
	Features []FactSource `yaml:"features"`
}

// FactSource is one source of a fact.
type FactSource struct {
	From   string            `yaml:"from"`
	OID    string            `yaml:"oid"`
	Match  *Regex            `yaml:"match"` // capture group 1 is the value
	Map    map[string]string `yaml:"map"`
	Trim   string            `yaml:"trim"`
	Reject []Regex           `yaml:"reject"`
}

// Walk says which tables are read and what is odd about them.
type Walk struct {
	Tables         []string   `yaml:"tables"`
	Skip           []string   `yaml:"skip"`
	Because        string     `yaml:"because"`
	FDB            FDB        `yaml:"fdb"`
	BridgePort     string     `yaml:"bridge_port"` // auto, ifindex, table, offset:N
	MaxRepetitions Repetition `yaml:"max_repetitions"`
	Pause          Duration   `yaml:"pause"`
	Timeout        Duration   `yaml:"timeout"`
	Budget         Duration   `yaml:"budget"`
	MACAsText      bool       `yaml:"mac_as_text"`
}

// FDB says how forwarding rows name their VLAN.
type FDB struct {
	Index     string `yaml:"index"` // auto bridge vlan-context fdb-id vlan private none
	VLANsFrom string `yaml:"vlans_from"`
	SkipVLANs []int  `yaml:"skip_vlans"`
	Community string `yaml:"community"`
	Context   string `yaml:"context"`
}

// Repetition bounds max-repetitions of GETBULK.
type Repetition struct {
	Start int `yaml:"start"`
	Max   int `yaml:"max"`
}

// NeighborTable is a private table of neighbours.
type NeighborTable struct {
	Protocol     string            `yaml:"protocol"`
	Table        string            `yaml:"table"`
	Index        []string          `yaml:"index"`
	Columns      map[string]int    `yaml:"columns"`
	Encoding     map[string]string `yaml:"encoding"`
	Local        string            `yaml:"local"` // ifindex, lldp-port, port-text
	SubtypeNames map[string]string `yaml:"subtype_names"`
}

// VLANTable is a private table of VLANs. Numbers are columns below Table; ID
// 0 means that the last arc of the index is the VLAN, FDB 0 that the table
// does not say which forwarding database the VLAN has.
type VLANTable struct {
	Table string `yaml:"table"`
	Name  int    `yaml:"name"`
	ID    int    `yaml:"id"`
	FDB   int    `yaml:"fdb"`
}

// Login says what the dialogue before the first prompt looks like. All
// expressions are matched on the tail.
type Login struct {
	User     *Regex     `yaml:"user"`
	Password *Regex     `yaml:"password"`
	Keys     []LoginKey `yaml:"keys"`
	Expired  []Regex    `yaml:"expired"`
	Menu     []Regex    `yaml:"menu"`
	Suffix   string     `yaml:"suffix"`
}

// LoginKey is one key press that the device asks for. Send is enter, space,
// q, one literal character, or match (capture group 1).
type LoginKey struct {
	Match *Regex `yaml:"match"`
	Send  string `yaml:"send"`
}

// Prompt says what prompts look like.
type Prompt struct {
	Match  *Regex  `yaml:"match"`
	States []State `yaml:"states"` // in the order of the file; a map there
	Lines  int     `yaml:"lines"`
	Varies []Regex `yaml:"varies"`
}

// State names the privilege that a prompt shows.
type State struct {
	Name  string
	Match Regex
}

// Pager says how the pager asks and what answers it.
type Pager struct {
	Match   *Regex  `yaml:"match"`
	Send    string  `yaml:"send"`
	Residue []Regex `yaml:"residue"`
}

// Privilege is the way to the state in which a configuration can be read.
type Privilege struct {
	Want  string          `yaml:"want"`
	Steps []PrivilegeStep `yaml:"steps"`
}

// PrivilegeStep is one step of it.
type PrivilegeStep struct {
	From     string  `yaml:"from"`
	To       string  `yaml:"to"`
	Send     string  `yaml:"send"`
	Password *Regex  `yaml:"password"`
	Refused  []Regex `yaml:"refused"`
	User     *Regex  `yaml:"user"`
}

// Send is a text that is typed. In a file it is a plain string or a map.
type Send struct {
	Text        string `yaml:"send"`
	SessionOnly bool   `yaml:"session_only"`
	Because     string `yaml:"because"`
}

// Session says how the terminal is set up.
type Session struct {
	Open     []Send   `yaml:"open"`
	Optional []string `yaml:"optional"`
	Close    []Send   `yaml:"close"`
	Exec     bool     `yaml:"exec"`
	Width    int      `yaml:"width"`
	Height   int      `yaml:"height"`
	Term     string   `yaml:"term"`
	Newline  string   `yaml:"newline"`
	Window   string   `yaml:"window"`
	Colour   string   `yaml:"colour"` // strip, screen
	Echo     string   `yaml:"echo"`   // auto, none
	Idle     Duration `yaml:"idle"`
}

// Read lists the commands that print a configuration.
type Read struct {
	Running        []Command `yaml:"running"`
	RunningLimited []Command `yaml:"running_limited"`
	RunningFull    []Command `yaml:"running_full"`
	Startup        []Command `yaml:"startup"`
	StartupAbsent  []Regex   `yaml:"startup_absent"` // an answer that says there is none: empty, not an error
	Candidate      []Command `yaml:"candidate"`
	Scopes         *Scopes   `yaml:"scopes"`
}

// Command is one command whose answer is a text. In a file it is a plain
// string or a map.
type Command struct {
	ID      string `yaml:"id"`
	Command string `yaml:"command"`
	Scope   string `yaml:"scope"`
	Via     string `yaml:"via"`
	Syntax  string `yaml:"syntax"`
}

// Scopes says how contexts, VDOMs and the like are listed and entered.
type Scopes struct {
	List  string `yaml:"list"`
	Match *Regex `yaml:"match"`
	Enter string `yaml:"enter"`
	Leave string `yaml:"leave"`
}

// Completeness says what proves that a text is whole.
type Completeness struct {
	Preamble   []Regex  `yaml:"preamble"`
	Start      []Regex  `yaml:"start"`
	End        *Regex   `yaml:"end"`
	Trailer    *Regex   `yaml:"trailer"`
	Balance    *Balance `yaml:"balance"`
	Root       string   `yaml:"root"`
	Size       *Size    `yaml:"size"`
	Census     *Regex   `yaml:"census"`
	SecondRead string   `yaml:"second_read"` // never, on-doubt, on-change, always
}

// Balance is a structure that must close: a Word (braces, xml, json) or pairs
// of lines.
type Balance struct {
	Word         string  `yaml:"-"`
	Open         *Regex  `yaml:"open"`
	Close        *Regex  `yaml:"close"`
	Also         []Pair  `yaml:"also"`
	InsideQuotes string  `yaml:"inside_quotes"` // ignore
	Tolerate     []Regex `yaml:"tolerate"`
}

// Pair is one pair of opening and closing lines.
type Pair struct {
	Open  *Regex `yaml:"open"`
	Close *Regex `yaml:"close"`
}

// Size is a declared size: capture group 1 of Match, in bytes.
type Size struct {
	Match     *Regex  `yaml:"match"`
	Tolerance float64 `yaml:"tolerance"`
}

// ErrorLine is a line that means that a command was not carried out.
type ErrorLine struct {
	Match  *Regex        `yaml:"match"`
	Reason netdev.Reason `yaml:"reason"`
	Retry  string        `yaml:"retry"` // fresh-session, none
}

// Extra is a command whose answer is kept beside the configuration.
type Extra struct {
	ID       string `yaml:"id"`
	Command  string `yaml:"command"`
	Optional bool   `yaml:"optional"`
	Part     string `yaml:"part"`
}

// Artefact is a file that already lies on the device.
type Artefact struct {
	ID    string `yaml:"id"`
	Via   string `yaml:"via"`
	Path  string `yaml:"path"`
	Needs string `yaml:"needs"`
}

// Drivers maps to definitions of libraries.
type Drivers struct {
	Scrapligo ScrapligoDriver `yaml:"scrapligo"`
}

// ScrapligoDriver names a shipped definition or asks for a generated one.
type ScrapligoDriver struct {
	Base     string `yaml:"base"`
	Generate bool   `yaml:"generate"`
}

// Duration is a time.Duration written as Go writes it.
type Duration time.Duration
