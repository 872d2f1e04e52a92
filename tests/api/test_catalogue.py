from sbd.catalogue.vehicles import load_vehicles


def test_the_shipped_places_can_be_listed(service):
    places = service.get("/places").json()
    assert {"rautatientori", "esplanadi"} <= {place["place"] for place in places}


def test_every_vehicle_of_the_catalogue_is_offered_with_its_figures(service):
    vehicles = {vehicle["name"]: vehicle for vehicle in service.get("/vehicles").json()}
    assert vehicles.keys() == load_vehicles().keys()
    assert vehicles["N2A"]["mass_kg"] == 7200  # ISO 22343-1
    assert any(vehicle["is_default"] for vehicle in vehicles.values())


def test_both_layouts_are_explained(service):
    layouts = {row["layout"]: row["description"] for row in service.get("/layouts").json()}
    assert layouts.keys() == {"permanent", "temporary"}
    assert all(layouts.values())
