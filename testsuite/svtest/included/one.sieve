require ["include","variables"]; global ["order", "result"]; set "order" "${order} p1";
