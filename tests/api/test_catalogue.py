from sbd.catalogue.vehicles import load_vehicles


def test_the_shipped_places_can_be_listed(service):
    places = service.get("/places").json()
    assert {"rautatientori", "esplanadi"} <= {place["place"] for place in places}


def test_every_vehicle_of_the_catalogue_is_offered_with_its_figures(service):
    vehicles = {vehicle["name"]: vehicle for vehicle in service.get("/vehicles").json()}
    assert vehicles.keys() == load_vehicles().keys()
    assert vehicles["N2A"]["mass_kg"] == 7200  # ISO 22343-1
    assert any(vehicle["is_default"] for vehicle in vehicles.values())


def test_every_layout_is_explained(service):
    layouts = {row["layout"]: row["description"] for row in service.get("/layouts").json()}
    assert layouts.keys() == {"permanent", "temporary", "mixed"}
    assert all(layouts.values())


def test_every_rule_of_a_country_has_a_source(service):
    countries = service.get("/countries").json()
    assert {row["country"] for row in countries} == {"FR", "IT", "BE", "ES", "DE", "UK", "EU"}
    belgium = next(row for row in countries if row["country"] == "BE")
    lane = next(rule for rule in belgium["rules"] if rule["figure"] == "lane_width_m")
    assert lane["value"] == 4.0  # royal decree of 7 July 1994
    assert all(rule["source"] and rule["standing"] for row in countries for rule in row["rules"])
