package compliance

// Verdict is what a rule says of one text.
type Verdict string

// The verdicts.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Unknown       Verdict = "unknown"
	NotApplicable Verdict = "not-applicable"
	Waived        Verdict = "waived"
)

// Severity of a rule.
type Severity string

// The severities.
const (
	Info     Severity = "info"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Result is one rule's verdict on one text, with the lines that prove it.
type Result struct {
	Rule        string              `json:"rule"`
	Version     int                 `json:"version,omitempty"`
	Pack        string              `json:"pack,omitempty"`
	PackHash    string              `json:"pack_hash,omitempty"` // the first 16 digits of it
	Title       string              `json:"title"`
	Severity    Severity            `json:"severity"`
	Verdict     Verdict             `json:"verdict"`
	Reason      string              `json:"reason,omitempty"` // why unknown or not applicable; where absence was looked for
	Evidence    []Evidence          `json:"evidence"`
	Controls    map[string][]string `json:"controls,omitempty"`
	Remediation []string            `json:"remediation,omitempty"`
	Waiver      *WaiverRef          `json:"waiver,omitempty"` // of a waived one
}

// Evidence is one line of the judged text, masked.
type Evidence struct {
	Line int    `json:"line"` // of the text as `show` prints it, from 1
	Text string `json:"text"`
}
