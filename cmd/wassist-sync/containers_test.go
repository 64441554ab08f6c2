package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// The image, as the Dockerfile makes it.
const (
	imageName  = "ghcr.io/wassist-sync/wassist-sync"
	imageUser  = 65532
	imageCache = "/cache"
)

// cronJob has the fields that the documented job uses, under the names that
// Kubernetes gives them: any other is one that Kubernetes would not know either,
// or one that belongs in here.
type cronJob struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name, Namespace string }
	Spec       struct {
		Schedule                   string
		ConcurrencyPolicy          string `yaml:"concurrencyPolicy"`
		StartingDeadlineSeconds    int    `yaml:"startingDeadlineSeconds"`
		SuccessfulJobsHistoryLimit *int   `yaml:"successfulJobsHistoryLimit"`
		FailedJobsHistoryLimit     *int   `yaml:"failedJobsHistoryLimit"`
		JobTemplate                struct {
			Spec struct {
				BackoffLimit          *int `yaml:"backoffLimit"`
				ActiveDeadlineSeconds int  `yaml:"activeDeadlineSeconds"`
				Template              struct{ Spec pod }
			}
		} `yaml:"jobTemplate"`
	}
}

type pod struct {
	RestartPolicy                string `yaml:"restartPolicy"`
	AutomountServiceAccountToken *bool  `yaml:"automountServiceAccountToken"`
	EnableServiceLinks           *bool  `yaml:"enableServiceLinks"`
	SecurityContext              struct {
		RunAsNonRoot   bool                  `yaml:"runAsNonRoot"`
		RunAsUser      int                   `yaml:"runAsUser"`
		RunAsGroup     int                   `yaml:"runAsGroup"`
		FSGroup        int                   `yaml:"fsGroup"`
		SeccompProfile struct{ Type string } `yaml:"seccompProfile"`
	} `yaml:"securityContext"`
	Containers []container
	Volumes    []struct {
		Name     string
		EmptyDir *struct {
			SizeLimit string `yaml:"sizeLimit"`
		} `yaml:"emptyDir"`
	}
}

type container struct {
	Name, Image string
	Args        []string
	Env         []struct {
		Name      string
		ValueFrom struct {
			SecretKeyRef struct {
				Name, Key string
				Optional  bool
			} `yaml:"secretKeyRef"`
		} `yaml:"valueFrom"`
	}
	Resources       struct{ Requests, Limits map[string]string }
	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
		Capabilities             struct{ Drop []string }
	} `yaml:"securityContext"`
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

// page reads a page of the documentation.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(projectRoot, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced returns the blocks of a language on a page.
func fenced(text, language string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// documentedJob is the one block of YAML on the page about Kubernetes.
func documentedJob(t *testing.T) cronJob {
	t.Helper()
	blocks := fenced(page(t, "docs/kubernetes.md"), "yaml")
	if len(blocks) != 1 {
		t.Fatalf("%d blocks of YAML, want the one job", len(blocks))
	}
	var job cronJob
	decoder := yaml.NewDecoder(strings.NewReader(blocks[0]))
	decoder.KnownFields(true)
	if err := decoder.Decode(&job); err != nil {
		t.Fatal(err)
	}
	return job
}

// accepts fails unless the command line is one that this program understands; it
// returns the command's path and the flags that were given.
func accepts(t *testing.T, args []string) (command string, flags map[string]string) {
	t.Helper()
	root := newRoot(console{in: bytes.NewReader(nil), out: io.Discard, err: io.Discard, lookupEnv: os.LookupEnv})
	cmd, rest, err := root.Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Fatalf("wassist-sync %s: %v", strings.Join(args, " "), err)
	}
	flags = map[string]string{}
	for _, name := range []string{"yes", "repo", "ref"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			flags[name] = f.Value.String()
		}
	}
	return cmd.Name(), flags
}

func TestDocumentedCronJobRunsOneAtATime(t *testing.T) {
	job := documentedJob(t)
	if job.APIVersion != "batch/v1" || job.Kind != "CronJob" || len(strings.Fields(job.Spec.Schedule)) != 5 {
		t.Errorf("%s %s, schedule %q", job.APIVersion, job.Kind, job.Spec.Schedule)
	}
	if job.Spec.ConcurrencyPolicy != "Forbid" {
		t.Errorf("concurrencyPolicy %q: a key has one writer at a time", job.Spec.ConcurrencyPolicy)
	}
	// Kubernetes looks every 10 s, and may never start what has to start sooner.
	if job.Spec.StartingDeadlineSeconds < 10 || job.Spec.SuccessfulJobsHistoryLimit == nil || job.Spec.FailedJobsHistoryLimit == nil {
		t.Errorf("no bounds: %+v", job.Spec)
	}
	one := job.Spec.JobTemplate.Spec
	if one.BackoffLimit == nil || *one.BackoffLimit != 0 || one.ActiveDeadlineSeconds == 0 || one.Template.Spec.RestartPolicy != "Never" {
		t.Errorf("a run is repeated, or has no end: %+v", one)
	}
}

func TestDocumentedCronJobHasNoRights(t *testing.T) {
	p := documentedJob(t).Spec.JobTemplate.Spec.Template.Spec
	if p.AutomountServiceAccountToken == nil || *p.AutomountServiceAccountToken || p.EnableServiceLinks == nil || *p.EnableServiceLinks {
		t.Error("the pod gets a token of the cluster, or variables of its services")
	}
	s := p.SecurityContext
	if !s.RunAsNonRoot || s.RunAsUser != imageUser || s.RunAsGroup != imageUser || s.FSGroup != imageUser || s.SeccompProfile.Type != "RuntimeDefault" {
		t.Errorf("the pod's rights: %+v", s)
	}
	if len(p.Containers) != 1 {
		t.Fatalf("%d containers", len(p.Containers))
	}
	c := p.Containers[0]
	if escalation := c.SecurityContext.AllowPrivilegeEscalation; escalation == nil || *escalation ||
		!c.SecurityContext.ReadOnlyRootFilesystem || !slices.Equal(c.SecurityContext.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("the container's rights: %+v", c.SecurityContext)
	}
	if c.Resources.Requests["cpu"] == "" || c.Resources.Requests["memory"] == "" || c.Resources.Limits["memory"] == "" {
		t.Errorf("resources: %+v", c.Resources)
	}
}

func TestDocumentedCronJobFitsTheProgram(t *testing.T) {
	p := documentedJob(t).Spec.JobTemplate.Spec.Template.Spec
	c := p.Containers[0]
	if c.Image != imageName+":v1" {
		t.Errorf("image %s", c.Image)
	}
	command, flags := accepts(t, c.Args)
	want := map[string]string{"yes": "true", "repo": "https://github.com/your-company/agents.git", "ref": "main"}
	if command != "apply" || !cmp.Equal(flags, want) {
		t.Errorf("%s %v", command, flags)
	}
	if len(c.VolumeMounts) != 1 || len(p.Volumes) != 1 || c.VolumeMounts[0].MountPath != imageCache ||
		c.VolumeMounts[0].Name != p.Volumes[0].Name || p.Volumes[0].EmptyDir == nil {
		t.Errorf("nothing to write to: %+v, %+v", c.VolumeMounts, p.Volumes)
	}
}

func TestDocumentedSecretIsTheOneTheJobReads(t *testing.T) {
	text := page(t, "docs/kubernetes.md")
	job := documentedJob(t)
	created := regexp.MustCompile(`kubectl --namespace (\S+) create secret generic (\S+)(.*)`).FindStringSubmatch(text)
	if created == nil {
		t.Fatal("no command makes the secret")
	}
	if created[1] != job.Metadata.Namespace {
		t.Errorf("the secret is in %s, the job in %s", created[1], job.Metadata.Namespace)
	}
	var keys, used, variables []string
	for _, m := range regexp.MustCompile(`--from-file=([^=\s]+)=\S+`).FindAllStringSubmatch(created[3], -1) {
		keys = append(keys, m[1])
	}
	for _, e := range job.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Env {
		ref := e.ValueFrom.SecretKeyRef
		if ref.Name != created[2] {
			t.Errorf("%s comes from the secret %q, not %q", e.Name, ref.Name, created[2])
		}
		used, variables = append(used, ref.Key), append(variables, e.Name)
	}
	if !cmp.Equal(keys, used) {
		t.Error(cmp.Diff(keys, used))
	}
	if want := []string{keyVariable, gitTokenVariable}; !cmp.Equal(variables, want) {
		t.Error(cmp.Diff(want, variables))
	}
	for _, block := range fenced(text, "sh") {
		for line := range strings.Lines(block) {
			if strings.Contains(line, "cronjob") && !strings.Contains(line, job.Metadata.Name) {
				t.Errorf("another job: %s", line)
			}
		}
	}
}

// TestDocumentedRunsOfTheImage looks at every docker run in the documentation:
// what follows the image is a command line of this program.
func TestDocumentedRunsOfTheImage(t *testing.T) {
	runs := 0
	for _, block := range fenced(page(t, "docs/containers.md"), "sh") {
		for line := range strings.Lines(block) {
			before, after, ok := strings.Cut(line, " "+imageName+":v1 ")
			if !strings.HasPrefix(before, "docker run ") {
				continue
			}
			if !ok {
				t.Errorf("no %s: %s", imageName, line)
				continue
			}
			runs++
			_, flags := accepts(t, strings.Fields(after))
			if remote := flags["repo"] != ""; remote != strings.Contains(before, ":"+imageCache+" ") || remote == strings.Contains(before, ":/repo:ro") {
				t.Errorf("the checkout belongs at /repo, a clone at %s: %s", imageCache, line)
			}
		}
	}
	if runs < 4 {
		t.Errorf("%d runs are documented", runs)
	}
}

// TestDockerfileIsAsDocumented keeps the constants of this file true.
func TestDockerfileIsAsDocumented(t *testing.T) {
	dockerfile := page(t, "Dockerfile")
	for _, line := range []string{"USER 65532:65532", "ENV WASSIST_SYNC_GIT_CACHE=" + imageCache, "WORKDIR /repo", `ENTRYPOINT ["/wassist-sync"]`} {
		if !strings.Contains(dockerfile, "\n"+line+"\n") {
			t.Errorf("the Dockerfile lacks: %s", line)
		}
	}
}
