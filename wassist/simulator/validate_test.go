package simulator_test

import (
	"testing"

	"wassist-sync/wassist/simulator"
)

// TestValidation: what is wrong is answered in DRF's form, and nothing is
// stored.
func TestValidation(t *testing.T) {
	t.Parallel()
	const (
		null    = `["This field may not be null."]`
		missing = `["This field is required."]`
		noText  = `["Not a valid string."]`
		blank   = `["This field may not be blank."]`
	)
	tests := []struct{ name, body, want string }{
		{"text is null", `{"description":null,"systemPrompt":null,"firstMessage":null}`,
			`{"description":` + null + `,"systemPrompt":` + null + `,"firstMessage":` + null + `}`},
		{"text is a list", `{"systemPrompt":["x"]}`, `{"systemPrompt":` + noText + `}`},
		{"model is an object", `{"llmModel":{}}`, `{"llmModel":` + noText + `}`},
		{"icebreakers is a text", `{"icebreakers":"x"}`, `{"icebreakers":["Expected a list of items but got type \"str\"."]}`},
		{"icebreakers is null", `{"icebreakers":null}`, `{"icebreakers":` + null + `}`},
		{"icebreakers hold others", `{"icebreakers":["ok",{},null]}`, `{"icebreakers":{"1":` + noText + `,"2":` + null + `}}`},
		{"list is null", `{"tools":null}`, `{"tools":` + null + `}`},
		{"list is a text", `{"tools":"x"}`, `{"tools":{"non_field_errors":["Expected a list of items but got type \"str\"."]}}`},
		{"list is a number", `{"tools":1.5}`, `{"tools":{"non_field_errors":["Expected a list of items but got type \"float\"."]}}`},
		{"entries are no objects", `{"tools":["x",7,null,true,[]]}`, `{"tools":[
			{"non_field_errors":["Invalid data. Expected a dictionary, but got str."]},
			{"non_field_errors":["Invalid data. Expected a dictionary, but got int."]},
			{"non_field_errors":["Invalid data. Expected a dictionary, but got NoneType."]},
			{"non_field_errors":["Invalid data. Expected a dictionary, but got bool."]},
			{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}]}`},
		{"one of two entries is wrong", `{"tools":[{"name":"a","description":"d","apiSchema":{}},{"name":"b","description":"d"}]}`,
			`{"tools":[{},{"apiSchema":` + missing + `}]}`},
		{"everything is missing", `{"tools":[{}],"websiteTools":[{}],"handoffTools":[{}],"mcpConfigs":[{}],"imageGenerateTools":[{}],
			"wakeUpConfigs":[{}],"memoryKeys":[{}],"outboundTriggers":[{}]}`,
			`{"tools":[{"name":` + missing + `,"description":` + missing + `,"apiSchema":` + missing + `}],
			"websiteTools":[{"url":` + missing + `,"prompt":` + missing + `}],
			"handoffTools":[{"childAgentId":` + missing + `,"description":` + missing + `}],
			"mcpConfigs":[{"connectorId":` + missing + `}],
			"imageGenerateTools":[{"name":` + missing + `,"description":` + missing + `,"prompt":` + missing + `}],
			"wakeUpConfigs":[{"description":` + missing + `}],
			"memoryKeys":[{"key":` + missing + `,"type":` + missing + `,"initialValue":` + missing + `,"whenToUpdate":` + missing + `}],
			"outboundTriggers":[{"templateId":` + missing + `,"templateName":` + missing + `}]}`},
		{"schema is no object", `{"tools":[{"name":"a","description":"d","apiSchema":"x"}]}`,
			`{"tools":[{"apiSchema":["Expected a dictionary of items but got type \"str\"."]}]}`},
		{"key of a list is blank", `{"websiteTools":[{"url":"","prompt":""}]}`, `{"websiteTools":[{"url":` + blank + `}]}`},
		{"bad flag", `{"websiteTools":[{"url":"u","prompt":"","active":"maybe"}]}`, `{"websiteTools":[{"active":["Must be a valid boolean."]}]}`},
		{"flag is null", `{"websiteTools":[{"url":"u","prompt":"","active":null}]}`, `{"websiteTools":[{"active":` + null + `}]}`},
		{"bad integer", `{"tools":[{"name":"a","description":"d","apiSchema":{},"creditCost":1.5}]}`, `{"tools":[{"creditCost":["A valid integer is required."]}]}`},
		{"integer is a flag", `{"tools":[{"name":"a","description":"d","apiSchema":{},"creditCost":true}]}`, `{"tools":[{"creditCost":["A valid integer is required."]}]}`},
		{"bad choice", `{"paywallConfig":{"paywallAction":"beg"}}`, `{"paywallConfig":{"paywallAction":["\"beg\" is not a valid choice."]}}`},
		{"bad type", `{"memoryKeys":[{"key":"k","type":"list","initialValue":"","whenToUpdate":""}]}`, `{"memoryKeys":[{"type":["\"list\" is not a valid choice."]}]}`},
		{"config is no object", `{"creditSettings":[]}`, `{"creditSettings":{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}}`},
		{"child unknown", `{"handoffTools":[{"childAgentId":"` + noSuch + `","description":""}]}`,
			`{"handoffTools":[{"childAgentId":["Invalid pk \"` + noSuch + `\" - object does not exist."]}]}`},
		{"child is no UUID", `{"handoffTools":[{"childAgentId":"x","description":""}]}`, `{"handoffTools":[{"childAgentId":["Must be a valid UUID."]}]}`},
		{"connector unknown", `{"mcpConfigs":[{"connectorId":"` + noSuch + `"}]}`,
			`{"mcpConfigs":[{"connectorId":["Invalid pk \"` + noSuch + `\" - object does not exist."]}]}`},
		{"whitelist is null", `{"mcpConfigs":[{"connectorId":"` + connectorID + `","toolWhitelist":null}]}`, `{"mcpConfigs":[{"toolWhitelist":` + null + `}]}`},
		{"entry id unknown", `{"wakeUpConfigs":[{"id":"` + noSuch + `","description":"d"}]}`,
			`{"wakeUpConfigs":[{"id":["Invalid pk \"` + noSuch + `\" - object does not exist."]}]}`},
		{"entry id is no UUID, and more", `{"wakeUpConfigs":[{"id":7}]}`, `{"wakeUpConfigs":[{"id":["Must be a valid UUID."],"description":` + missing + `}]}`},
		{"good and bad", `{"description":"new","name":""}`, `{"name":` + blank + `}`},
	}
	a := inProcess(t, simulator.Options{RateLimit: -1})
	id := a.create("x")
	before := encode(t, a.s.Agent(id))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			same(t, "PATCH", a.want(400, "PATCH", "agents/"+id+"/", tt.body), tt.want)
			same(t, "agent", a.s.Agent(id), before)
		})
	}
	same(t, "PUT without a name", a.want(400, "PUT", "agents/"+id+"/", `{"description":7,"icebreakers":1}`),
		`{"name":["This field is required."],"icebreakers":["Expected a list of items but got type \"int\"."]}`)
	same(t, "PUT without a name only", a.want(400, "PUT", "agents/"+id+"/", `{}`), `{"name":["This field is required."]}`)
}

// TestLeniency: what DRF takes although it looks wrong.
func TestLeniency(t *testing.T) {
	t.Parallel()
	a := inProcess(t, simulator.Options{})
	path := "agents/" + a.create("x") + "/"
	got := a.want(200, "PATCH", path, `{"id":"other","connectUrl":"other","unknown":1,"organization":null,"totalMessages":9,
	  "description":"","systemPrompt":"","firstMessage":"","llmModel":null,"reasoningEffort":null,"paywallConfig":null,"creditSettings":null,
	  "websiteTools":[{"id":null,"url":"u","prompt":7,"active":"no","extra":1},{"url":"v","prompt":"","active":1},{"url":"w","prompt":"","active":"TRUE"},{"url":"x","prompt":"","active":0}],
	  "imageGenerateTools":[{"name":"n","description":"","prompt":"","creditCost":"12"},{"name":"m","description":"","prompt":"","creditCost":3.0}]}`)
	if got["id"] == "other" || got["connectUrl"] == "other" || got["totalMessages"] != 0.0 || got["unknown"] != nil || got["organization"] == nil {
		t.Errorf("a read-only field was written: %v", got)
	}
	sites := list(got["websiteTools"])
	same(t, "flags", column(got["websiteTools"], "active"), `[false,true,true,false]`)
	if _, stored := sites[0]["extra"]; stored || sites[0]["prompt"] != "7" {
		t.Errorf("first site %v, want prompt 7 as a text and no extra", sites[0])
	}
	same(t, "costs", column(got["imageGenerateTools"], "creditCost"), `[12,3]`)
	a.want(200, "PATCH", path, "")
}
