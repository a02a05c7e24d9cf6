package platform

// Rulebook is what is known about the language of a platform's configuration:
// the section "config" of its file. It says how the text is split (Syntax,
// Blobs), what in it is noise and what is secret, and how lines get their
// identity (Nodes).
type Rulebook struct {
	Syntax  Syntax              `yaml:"syntax"`
	Blobs   []Blob              `yaml:"blobs"`
	Noise   []Noise             `yaml:"noise"`
	Secrets []Secret            `yaml:"secrets"`
	Canon   Canon               `yaml:"canon"`
	Nodes   []NodeRule          `yaml:"nodes"`
	Refs    []Ref               `yaml:"refs"`
	Plan    Plan                `yaml:"plan"`
	Views   map[string][]string `yaml:"views"`
	Events  []Event             `yaml:"events"`
	Weak    []Weak              `yaml:"weak"`
}

// Syntax says how a text is split into nodes.
type Syntax struct {
	Family       string   `yaml:"family"` // indent brace path edit structured
	Also         string   `yaml:"also"`
	Comment      []Regex  `yaml:"comment"`
	SectionEnd   *Regex   `yaml:"section_end"`
	Closers      []string `yaml:"closers"`
	End          *Regex   `yaml:"end"`
	Attach       []Regex  `yaml:"attach"`
	Root         []Regex  `yaml:"root"`
	Negate       string   `yaml:"negate"`
	Reset        string   `yaml:"reset"`
	Verbs        []string `yaml:"verbs"`
	Flags        []string `yaml:"flags"`
	Context      string   `yaml:"context"`
	Continuation string   `yaml:"continuation"`
	Quote        string   `yaml:"quote"`
	Format       string   `yaml:"format"` // of family structured: json xml yaml keyvalue
}

// Blob is a run of lines in which nothing is a command. End is an expression
// or the word same-delimiter (group d of Start).
type Blob struct {
	Name     string `yaml:"name"`
	At       string `yaml:"at"`
	Start    *Regex `yaml:"start"`
	End      string `yaml:"end"`
	SameLine bool   `yaml:"same_line"`
	Content  string `yaml:"content"` // opaque, trim
}

// Noise is a line that changes without anybody's change.
type Noise struct {
	Re     *Regex `yaml:"re"`
	Within *Regex `yaml:"within"`
	As     string `yaml:"as"` // changed-by: groups who and when are kept
}

// Secret finds a secret: group s, or s1, s2 …; group form, or Form, says how
// it is written.
type Secret struct {
	Re     *Regex `yaml:"re"`
	Within *Regex `yaml:"within"`
	Unless *Regex `yaml:"unless"`
	Form   string `yaml:"form"`
}

// Canon says how lines are made comparable.
type Canon struct {
	Alias        map[string]string `yaml:"alias"`
	CaseFold     []string          `yaml:"case_fold"`
	MaskAsPrefix []string          `yaml:"mask_as_prefix"`
	IP6Fold      bool              `yaml:"ip6_fold"`
	DropWords    []string          `yaml:"drop_words"`
}

// NodeRule gives identity, order and repair to the lines that match At.
type NodeRule struct {
	At         string    `yaml:"at"`
	Order      string    `yaml:"order"` // set seq list
	Seq        *int      `yaml:"seq"`
	Flat       string    `yaml:"flat"`
	Words      string    `yaml:"words"`
	List       *ListRule `yaml:"list"`
	Args       bool      `yaml:"args"`
	Rows       *RowsRule `yaml:"rows"`
	Default    []Default `yaml:"default"`
	Toggle     bool      `yaml:"toggle"`
	Negate     string    `yaml:"negate"`
	Permanent  bool      `yaml:"permanent"`
	Clear      string    `yaml:"clear"`
	Rewrite    bool      `yaml:"rewrite"`
	Covers     string    `yaml:"covers"`
	ResetBy    string    `yaml:"reset_by"`
	Insert     string    `yaml:"insert"`
	Move       string    `yaml:"move"`
	Annotation bool      `yaml:"annotation"`
	Inherit    bool      `yaml:"inherit"`
	Class      string    `yaml:"class"`
}

// ListRule is a value that is a set, with ranges.
type ListRule struct {
	Ranges string `yaml:"ranges"`
	Sep    string `yaml:"sep"`
	Add    string `yaml:"add"`
	Remove string `yaml:"remove"`
	All    string `yaml:"all"`
	None   string `yaml:"none"`
	Wrap   int    `yaml:"wrap"`
	Merge  string `yaml:"merge"`
}

// RowsRule is for entries without a key. Identity is argument names, or the
// one word content.
type RowsRule struct {
	Identity Words  `yaml:"identity"`
	Move     string `yaml:"move"`
	Remove   string `yaml:"remove"`
}

// Words is a list that may be written as one word.
type Words []string

// Default is a line that is in force when it is absent.
type Default struct {
	Line string `yaml:"line"`
	When string `yaml:"when"`
}

// Ref is a kind of named object, where it is defined and used.
type Ref struct {
	Kind    string   `yaml:"kind"`
	Def     []string `yaml:"def"`
	Use     []string `yaml:"use"`
	Builtin []string `yaml:"builtin"`
}

// Plan is the text around the commands of a repair.
type Plan struct {
	Enter     string   `yaml:"enter"`
	Leave     string   `yaml:"leave"`
	Commit    string   `yaml:"commit"`
	BlockExit string   `yaml:"block_exit"`
	MaxLine   int      `yaml:"max_line"`
	Remove    string   `yaml:"remove"` // each, highest-vanished
	Never     []string `yaml:"never"`
}

// Event is a message that tells of a change.
type Event struct {
	Re      *Regex `yaml:"re"`
	Trap    string `yaml:"trap"`
	User    string `yaml:"user"`
	Address string `yaml:"address"`
	ID      string `yaml:"id"`
	Path    string `yaml:"path"`
	Done    *Regex `yaml:"done"`
}

// Weak is the class of a form of secret.
type Weak struct {
	Form  string `yaml:"form"`
	Class string `yaml:"class"` // clear reversible weak-hash strong-hash unknown
}
